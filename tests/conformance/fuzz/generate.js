/* SPDX-License-Identifier: MIT */
/*
 * Differential fuzzing: random modules, with what node's V8 makes of them as the expectation, in the
 * form of a testsuite file that tests/conformance/spec/run.sh takes.
 *
 *   node generate.js DIR SEED MODULES
 *
 * writes DIR/fuzz-SEED/fuzz-SEED.json and one .wasm for each module.
 */
'use strict';
const fs = require('fs');
const path = require('path');
const { Random } = require('./random.js');
const { ModuleMaker } = require('./module.js');

/* (module (func return_call 0)): node 18 knows tail calls when it is asked to. */
const TAIL_CALL = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6,
    1, 4, 0, 0x12, 0, 0x0b);
if (!WebAssembly.validate(TAIL_CALL)) {
    require('v8').setFlagsFromString('--experimental-wasm-return-call');
}

const CALLS = 6;

/* V8's words for a trap; those it does not tell apart are given with a '|'. */
const TRAPS = [
    [/unreachable/, 'unreachable'],
    [/memory access out of bounds|data segment/, 'out of bounds memory access'],
    [/divide by zero|remainder by zero/, 'integer divide by zero'],
    [/divide result unrepresentable/, 'integer overflow'],
    [/float unrepresentable/, 'integer overflow|invalid conversion to integer'],
    [/table index is out of bounds|table access out of bounds|element segment/,
        'undefined element|out of bounds table access'],
    [/null function or function signature/, 'uninitialized element|indirect call type mismatch'],
    [/unaligned accesses/, 'unaligned atomic'],
];

function trapText(error) {
    const found = TRAPS.find(([words]) => words.test(error.message));
    if (found === undefined) {
        throw error;
    }
    return found[1];
}

const i64 = (value) => ({ type: 'i64', value: String(BigInt.asUintN(64, value)) });

function command(line, instance, field, args) {
    const action = { type: 'invoke', field, args: args.map(i64) };
    try {
        const result = instance.exports[field](...args.map((a) => BigInt.asIntN(64, a)));
        return { type: 'assert_return', line, action, expected: [i64(result)] };
    } catch (error) {
        if (error instanceof WebAssembly.Exception) {
            return { type: 'assert_exception', line, action, expected: [] };
        }
        return { type: 'assert_trap', line, action, text: trapText(error), expected: [] };
    }
}

function argument(random) {
    return random.chance(50) ? BigInt(random.below(200) - 100) : random.bits64();
}

function main() {
    const [dir, seed, count] = process.argv.slice(2);
    const stem = `fuzz-${seed}`, out = path.join(dir, stem);
    const random = new Random(seed);
    const commands = [];
    fs.mkdirSync(out, { recursive: true });
    for (let k = 0; k < Number(count); k++) {
        const maker = new ModuleMaker(random);
        const bytes = maker.make();
        const filename = `${stem}.${k}.wasm`;
        fs.writeFileSync(path.join(out, filename), bytes);
        const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
        let line = k * 1000 + 1;
        commands.push({ type: 'module', line, filename });
        for (let i = 0; i < CALLS; i++) {
            const target = random.below(maker.signatures.length);
            const args = maker.signatures[target].params.map(() => argument(random));
            commands.push(command(++line, instance, `f${target}`, args));
            commands.push(command(++line, instance, 'hash', []));
        }
    }
    fs.writeFileSync(path.join(out, `${stem}.json`),
        JSON.stringify({ source_filename: `${stem}.wast`, commands }, null, 1));
}

main();
