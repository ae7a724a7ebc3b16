/* SPDX-License-Identifier: MIT */
/* Writing WebAssembly's binary format: core specification 3.0, section 5. */
'use strict';

const TYPES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

function uleb(value) {
    const out = [];
    let v = BigInt(value);
    do {
        const byte = Number(v & 0x7fn);
        v >>= 7n;
        out.push(v > 0n ? byte | 0x80 : byte);
    } while (v > 0n);
    return out;
}

function sleb(value) {
    const out = [];
    let v = BigInt(value);
    for (;;) {
        const byte = Number(v & 0x7fn);
        v >>= 7n;
        if ((v === 0n && (byte & 0x40) === 0) || (v === -1n && (byte & 0x40) !== 0)) {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

function name(text) {
    const bytes = [...Buffer.from(text)];
    return [...uleb(bytes.length), ...bytes];
}

function vector(items) {
    return [...uleb(items.length), ...items.flat()];
}

function section(id, contents) {
    return [id, ...uleb(contents.length), ...contents];
}

function functionType(type) {
    const list = (types) => vector(types.map((t) => [TYPES[t]]));
    return [0x60, ...list(type.params), ...list(type.results)];
}

/* Groups equal neighbours, as the binary format declares locals. */
function body(locals, code) {
    const contents = [...vector(locals.map((t) => [1, TYPES[t]])), ...code, 0x0b];
    return [...uleb(contents.length), ...contents];
}

module.exports = { TYPES, uleb, sleb, name, vector, section, functionType, body };
