/* SPDX-License-Identifier: MIT */
/* Performs a program in node's WASI: node node.js MODULE PROGRAM DIRECTORY, to stdout. */
'use strict';
const fs = require('fs');
const { WASI } = require('wasi');

const [module_, program, directory] = process.argv.slice(2);
const wasi = new WASI({
    version: 'preview1',
    args: ['calls'],
    env: { LANG: 'C' }, /* an empty environment is an error to it */
    preopens: { '/': directory },
    stdin: fs.openSync(program, 'r'),
    returnOnExit: true,
});
const compiled = new WebAssembly.Module(fs.readFileSync(module_));
const imports = { wasi_snapshot_preview1: wasi.wasiImport };
process.exitCode = wasi.start(new WebAssembly.Instance(compiled, imports));
