/* SPDX-License-Identifier: MIT */
/*
 * Runs wabt's command line tools many times in one process: starting node and compiling the tool
 * costs more than translating one small module, and the testsuite has six thousand of them.
 *
 *   node batch.js WABT_BIN_DIR < jobs > results
 *
 * A job is one line, fields separated by tabs: ID TOOL ARG...; a result is ID EXIT MESSAGE, where
 * EXIT is the tool's exit status, or 134 when the tool itself crashed instead of judging its input.
 * The tool's own code runs unchanged, with its own stack; each job gets a fresh instance of it.
 */
'use strict';
const fs = require('fs');
const path = require('path');

const toolDir = process.argv[2];
const tools = new Map();

function loadTool(name) {
    let tool = tools.get(name);
    if (tool === undefined) {
        const file = path.join(toolDir, name);
        const source = fs.readFileSync(file, 'utf8').replace(/^#!.*/, '');
        const main = new Function('Module', 'require', '__filename', '__dirname', 'process', source);
        tool = { file, main, compiled: null };
        /* The first instantiation goes the tool's own way up to its bytes; later ones reuse them. */
        tools.set(name, tool);
    }
    return tool;
}

function runTool(name, args) {
    const tool = loadTool(name);
    const messages = [];
    /* The tool writes its messages to file descriptors 1 and 2. */
    const toolFs = Object.create(fs, {
        writeSync: {
            value: (fd, buffer, offset, length, ...rest) => {
                if (fd > 2) {
                    return fs.writeSync(fd, buffer, offset, length, ...rest);
                }
                messages.push(Buffer.from(buffer.slice(offset, offset + length)).toString());
                return length;
            },
        },
    });
    const toolRequire = (what) => (what === 'fs' || what === 'node:fs' ? toolFs : require(what));
    const fakeProcess = Object.create(process, {
        argv: { value: ['node', tool.file, ...args] },
        exitCode: { value: undefined, writable: true },
    });
    const Module = {
        print: (line) => messages.push(line + '\n'),
        printErr: (line) => messages.push(line + '\n'),
        instantiateWasm: (imports, receive) => {
            receive(new WebAssembly.Instance(tool.compiled, imports), tool.compiled);
        },
    };
    let crashed = false;
    try {
        tool.main(Module, toolRequire, tool.file, toolDir, fakeProcess);
    } catch (e) {
        crashed = true;
        messages.push(String(e));
    }
    const status = crashed || fakeProcess.exitCode === undefined ? 134 : fakeProcess.exitCode;
    return { status, messages };
}

/* The bytes of the tool are inside its script; its own decoder hands them to this hook once. */
async function compileTool(name) {
    const tool = loadTool(name);
    const original = WebAssembly.instantiate;
    tool.compiled = await new Promise((resolve, reject) => {
        WebAssembly.instantiate = (bytes) => {
            WebAssembly.instantiate = original;
            WebAssembly.compile(bytes).then(resolve, reject);
            return new Promise(() => {});
        };
        tool.main({}, require, tool.file, toolDir, process);
    });
}

async function main() {
    for (const line of fs.readFileSync(0, 'utf8').split('\n')) {
        if (line === '') {
            continue;
        }
        const [id, name, ...args] = line.split('\t');
        if (!tools.has(name)) {
            await compileTool(name);
        }
        const { status, messages } = runTool(name, args);
        const text = messages.join('').replace(/\x1b\[[0-9;]*m/g, '').replace(/[\t\n]+/g, ' ');
        fs.writeSync(1, `${id}\t${status}\t${text.slice(0, 300)}\n`);
    }
}

main();
