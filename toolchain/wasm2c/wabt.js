// SPDX-License-Identifier: MIT
// Runs one of wabt's tools (npm package `wabt`, an Emscripten program) with room to work.
//
//     node --stack-size=60000 wabt.js DIR TOOL ARGUMENT...
//
// DIR holds the package. As shipped, the tools' C stack is 64 KiB: modules from about half a
// megabyte up overrun it. Before main runs, the program's memory is grown to 2 GiB (address space
// only; untouched pages cost nothing) and its stack pointer is moved to the top. The exports'
// names are minified, so they are told apart by what they are, and checked.
"use strict";

const path = require("path");

const [dir, tool, ...args] = process.argv.slice(2);
const script = path.join(dir, "bin", tool);
const MEMORY_BYTES = 0x7fff0000; // a page below 2 GiB, so that addresses stay positive

function fail(what) {
  process.stderr.write(`wabt.js: ${tool}: ${what}; this is not the wabt it was written for\n`);
  enlarged = true; // say it once
  process.exit(70);
}

let enlarged = false;

const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async function (bytes, imports) {
  const result = await instantiate(bytes, imports);
  const instance = result.instance;
  const exported = Object.values(instance.exports);
  const takesOne = exported.filter((e) => typeof e === "function" && e.length === 1);
  const functions = Object.values(imports).flatMap((group) => Object.values(group));
  const resize = functions.filter((f) => f.name === "_emscripten_resize_heap");
  if (resize.length !== 1 || takesOne.length !== 1) fail("unexpected imports or exports");

  // After the constructors have run, just before main.
  require.cache[script].exports.onRuntimeInitialized = () => {
    const [stackAlloc] = takesOne; // (bytes) -> new stack pointer
    const sp = stackAlloc(0);
    if (!resize[0](MEMORY_BYTES)) fail("no room for 2 GiB");
    if (sp <= 0 || sp % 16 !== 0 || sp >= MEMORY_BYTES) fail("no stack pointer");
    if (stackAlloc(sp - MEMORY_BYTES) !== MEMORY_BYTES) fail("the stack pointer did not move");
    enlarged = true;
  };
  return result;
};

process.on("exit", () => {
  if (!enlarged) fail("main was not reached through the expected steps");
});

process.argv = [process.argv[0], script, ...args];
require(script);
