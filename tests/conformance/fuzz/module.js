/* SPDX-License-Identifier: MIT */
/*
 * Makes one random valid module. Every run of it ends: functions and loops use up a fuel counter,
 * which each exported wrapper fills, and trap without fuel. Nothing about it depends on what the
 * specification leaves open: NaNs are made canonical, and floats leave and enter as integers.
 *
 * Exports: "f0".. take and give i64s only; "hash" sums up memory, globals and table.
 */
'use strict';

const { uleb, sleb, name, vector, section, functionType, body } = require('./encode.js');
const { PURE, LOADS, STORES, ATOMICS } = require('./opcodes.js');

const SCALARS = ['i32', 'i64', 'f32', 'f64'];
const FUEL = 3000;
const TABLE_SIZE = 8;
const N_PASSIVE = 3;
const MAX_CODE = 6000;

const OP = {
    unreachable: 0x00, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, try: 0x06, catch: 0x07,
    throw: 0x08, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e, return: 0x0f, call: 0x10,
    callIndirect: 0x11, returnCall: 0x12, catchAll: 0x19, drop: 0x1a, select: 0x1b,
    localGet: 0x20, localSet: 0x21, localTee: 0x22, globalGet: 0x23, globalSet: 0x24,
    tableGet: 0x25, tableSet: 0x26, memorySize: 0x3f, memoryGrow: 0x40, refNull: 0xd0,
    refIsNull: 0xd1, refFunc: 0xd2,
};
const BLOCK = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const VOID = 0x40;
const TRAPPING_TRUNCATIONS = [0xa8, 0xa9, 0xaa, 0xab, 0xae, 0xaf, 0xb0, 0xb1];

function float(bits, bytes) {
    const b = Buffer.alloc(8);
    b.writeBigUInt64LE(BigInt(bits));
    return [...b.subarray(0, bytes)];
}

const F32_VALUES = [0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 1,
    0x4f000000, 0xcf000000, 0x5f000000, 0x3effffff, 0x4b800001];
const F64_VALUES = ['0', '0x8000000000000000', '0x3ff0000000000000', '0x7ff0000000000000',
    '0x7ff8000000000000', '1', '0x41e0000000000000', '0xc1e0000000200000', '0x43e0000000000000',
    '0x3fdfffffffffffff', '0x4330000000000001'];
const INTEGERS = ['0', '1', '-1', '2', '31', '32', '63', '64', '127', '128', '255', '-128', '65535',
    '65536', '-32768', '2147483647', '-2147483648'];
const LONGS = [...INTEGERS, '4294967295', '4294967296', '9223372036854775807',
    '-9223372036854775808'];

class ModuleMaker {
    constructor(random) {
        this.r = random;
        this.simd = random.chance(40);
        this.exceptions = random.chance(25);
        this.tailCalls = random.chance(25);
        this.types = this.simd ? [...SCALARS, 'v128'] : SCALARS;
        this.globals = [...SCALARS, ...this.types]; /* all mutable; fuel comes after them */
        this.fuel = this.globals.length;
        this.signatures = [];
        const n = 3 + random.below(5);
        for (let i = 0; i < n; i++) {
            const list = (most) => Array.from({ length: random.below(most + 1) },
                () => random.pick(this.types));
            this.signatures.push({ params: list(4), results: list(2) });
        }
        /* What the table holds at first; the last two elements are null. */
        this.elements = Array.from({ length: TABLE_SIZE - 2 }, () => random.below(n));
    }

    constant(type) {
        const r = this.r;
        switch (type) {
        case 'i32':
            return [0x41, ...sleb(r.chance(60) ? r.pick(INTEGERS) : BigInt.asIntN(32, r.bits64()))];
        case 'i64':
            return [0x42, ...sleb(r.chance(60) ? r.pick(LONGS) : BigInt.asIntN(64, r.bits64()))];
        case 'f32': {
            const bits = r.chance(60) ? BigInt(r.pick(F32_VALUES)) : r.bits64() & 0xffffffffn;
            return [0x43, ...float((bits & 0x7f800000n) === 0x7f800000n ? bits & 0xffc00000n : bits,
                4)];
        }
        case 'f64': {
            const bits = r.chance(60) ? BigInt(r.pick(F64_VALUES)) : r.bits64();
            const special = (bits >> 52n & 0x7ffn) === 0x7ffn;
            return [0x44, ...float(special ? bits & 0xfff8000000000000n : bits, 8)];
        }
        default:
            return [0xfd, 0x0c, ...r.bytes(16)];
        }
    }

    /* ---- one function ---- */

    begin(index) {
        const signature = this.signatures[index];
        this.index = index;
        this.code = [];
        this.signature = signature;
        this.locals = [...signature.params];
        for (let i = 1 + this.r.below(4); i > 0; i--) {
            this.locals.push(this.r.pick(this.types));
        }
        this.labels = []; /* innermost last; the type it takes, or null */
    }

    emit(...bytes) {
        for (const b of bytes) {
            this.code.push(b);
        }
    }

    newLocal(type) {
        this.locals.push(type);
        return this.locals.length - 1;
    }

    useFuel() {
        const g = uleb(this.fuel);
        this.emit(OP.globalGet, ...g, 0x45, OP.if, VOID, OP.unreachable, OP.end);
        this.emit(OP.globalGet, ...g, 0x41, 1, 0x6b, OP.globalSet, ...g);
    }

    indexOfType(list, type) {
        const found = [];
        list.forEach((t, i) => {
            if (t === type) {
                found.push(i);
            }
        });
        return found.length > 0 ? this.r.pick(found) : -1;
    }

    leaf(type) {
        const local = this.indexOfType(this.locals, type);
        const global = this.indexOfType(this.globals, type);
        const choice = this.r.below(10);
        if (choice < 5 && local >= 0) {
            this.emit(OP.localGet, ...uleb(local));
        } else if (choice < 7 && global >= 0) {
            this.emit(OP.globalGet, ...uleb(global));
        } else {
            this.emit(...this.constant(type));
        }
    }

    /* Mostly within the first page; always a multiple of 1 << align. */
    address(depth, align, anywhere = this.r.chance(1)) {
        this.value('i32', depth - 1);
        const mask = (anywhere ? -1 : 0xfff) & ~((1 << align) - 1);
        if (mask !== -1) {
            this.emit(0x41, ...sleb(mask), 0x71);
        }
    }

    memoryArgument(align) {
        const offset = this.r.chance(98) ? this.r.below(64) : this.r.chance(80)
            ? this.r.below(70000) : 0xffff0000 + this.r.below(65536);
        this.emit(...uleb(this.r.below(align + 1)), ...uleb(offset));
    }

    canonicalNan(type) {
        const local = uleb(this.newLocal(type));
        this.emit(OP.localTee, ...local);
        this.emit(...(type === 'f32' ? [0x43, ...float(0x7fc00000, 4)]
            : [0x44, ...float('0x7ff8000000000000', 8)]));
        this.emit(OP.localGet, ...local, OP.localGet, ...local, type === 'f32' ? 0x5b : 0x61);
        /* The local is from now on one like any other. */
        this.emit(OP.select, OP.localTee, ...local);
    }

    operation(type, depth) {
        let choices = PURE[type];
        if (!this.simd) {
            choices = choices.filter(([operands]) => !operands.includes('v128'));
        }
        const [operands, op, nan] = this.r.pick(choices);
        /* Operations that can trap do so seldom, or little would run to its end. */
        if (op.length === 1 && TRAPPING_TRUNCATIONS.includes(op[0]) &&
            this.r.chance(90)) {
            this.leaf(type);
            return;
        }
        for (const operand of operands) {
            this.value(operand, depth - 1);
        }
        if ((type === 'i32' && op[0] >= 0x6d && op[0] <= 0x70) ||
            (type === 'i64' && op[0] >= 0x7f && op[0] <= 0x82)) {
            if (this.r.chance(95)) {
                this.emit(...(type === 'i32' ? [0x41, 1, 0x72] : [0x42, 1, 0x84]));
            }
        }
        this.emit(...op);
        if (nan) {
            this.canonicalNan(type);
        }
    }

    /* Calls `target` with fresh arguments; its results are on the stack. */
    call(target, depth) {
        for (const t of this.signatures[target].params) {
            this.value(t, depth - 2);
        }
        this.emit(OP.call, ...uleb(target));
    }

    /* Keeps one result of a call, of the type that is wanted, or none. */
    keepResult(results, type) {
        const kept = type === null ? -1 : results.lastIndexOf(type);
        for (let i = results.length - 1; i > kept; i--) {
            this.emit(OP.drop);
        }
        if (kept > 0) {
            const local = uleb(this.newLocal(type));
            this.emit(OP.localSet, ...local);
            for (let i = kept - 1; i >= 0; i--) {
                this.emit(OP.drop);
            }
            this.emit(OP.localGet, ...local);
        }
    }

    callSome(type, depth) {
        /* Mostly to later functions: else every call runs until the fuel is used up. */
        const fits = [], any = this.r.chance(3);
        this.signatures.forEach((s, i) => {
            if ((any || i > this.index) && (type === null || s.results.includes(type))) {
                fits.push(i);
            }
        });
        if (fits.length === 0) {
            return false;
        }
        const target = this.r.pick(fits);
        if (this.r.chance(this.elements.includes(target) ? 50 : 97)) {
            this.call(target, depth);
        } else {
            for (const t of this.signatures[target].params) {
                this.value(t, depth - 2);
            }
            const slot = this.elements.indexOf(target);
            if (slot >= 0 && !this.r.chance(10)) {
                this.emit(0x41, slot);
            } else {
                this.value('i32', depth - 2);
            }
            this.emit(OP.callIndirect, ...uleb(target), 0);
        }
        this.keepResult(this.signatures[target].results, type);
        return true;
    }

    block(type, depth) {
        this.emit(OP.block, type === null ? VOID : BLOCK[type]);
        this.labels.push(type);
        this.statements(depth - 1);
        if (type !== null) {
            this.value(type, depth - 1);
        }
        this.labels.pop();
        this.emit(OP.end);
    }

    conditional(type, depth) {
        this.value('i32', depth - 1);
        this.emit(OP.if, type === null ? VOID : BLOCK[type]);
        this.labels.push(type);
        this.statements(depth - 1);
        if (type !== null) {
            this.value(type, depth - 1);
        }
        if (type !== null || this.r.chance(60)) {
            this.emit(OP.else);
            this.statements(depth - 1);
            if (type !== null) {
                this.value(type, depth - 1);
            }
        }
        this.labels.pop();
        this.emit(OP.end);
    }

    loop(type, depth) {
        this.emit(OP.loop, type === null ? VOID : BLOCK[type]);
        this.labels.push(null);
        this.useFuel();
        this.statements(depth - 1);
        this.value('i32', depth - 1);
        this.emit(0x41, 3, 0x71, 0x45, OP.brIf, 0);
        if (type !== null) {
            this.value(type, depth - 1);
        }
        this.labels.pop();
        this.emit(OP.end);
    }

    tryCatch(type, depth) {
        const half = () => {
            this.statements(depth - 1);
            if (type !== null) {
                this.value(type, depth - 1);
            }
        };
        this.emit(OP.try, type === null ? VOID : BLOCK[type]);
        this.labels.push(type);
        half();
        if (this.r.chance(60)) {
            this.emit(OP.catch, 0);
            const local = this.newLocal('i32');
            this.emit(OP.localSet, ...uleb(local));
            half();
        }
        if (this.r.chance(60)) {
            this.emit(OP.catchAll);
            half();
        }
        this.labels.pop();
        this.emit(OP.end);
    }

    /* Leaves one value of that type. */
    value(type, depth) {
        if (depth <= 0 || this.code.length > MAX_CODE) {
            this.leaf(type);
            return;
        }
        const choice = this.r.below(100);
        if (choice < 50) {
            this.operation(type, depth);
        } else if (choice < 60) {
            const [op, align] = this.r.pick(LOADS[type]);
            this.address(depth, 0);
            this.emit(...op);
            this.memoryArgument(align);
        } else if (choice < 65) {
            this.value(type, depth - 1);
            this.value(type, depth - 1);
            this.value('i32', depth - 1);
            this.emit(OP.select);
        } else if (choice < 69) {
            this.block(type, depth);
        } else if (choice < 73) {
            this.conditional(type, depth);
        } else if (choice < 75) {
            this.loop(type, depth);
        } else if (choice < 80) {
            const local = this.indexOfType(this.locals, type);
            this.value(type, depth - 1);
            if (local >= 0) {
                this.emit(OP.localTee, ...uleb(local));
            }
        } else if (choice < 85) {
            if (!this.callSome(type, depth)) {
                this.leaf(type);
            }
        } else if (choice < 87 && this.exceptions) {
            this.tryCatch(type, depth);
        } else if (choice < 92 && ATOMICS[type] !== undefined) {
            const [op, align] = this.r.pick(ATOMICS[type]);
            /* Never both out of bounds and misaligned: then either trap is right. */
            const misaligned = align > 0 && this.r.chance(1);
            this.address(depth, align, misaligned ? false : undefined);
            this.value(type, depth - 1);
            this.emit(0xfe, op, align, ...uleb(misaligned ? 1 : this.r.below(8) << 3));
        } else if (choice < 95 && type === 'i32') {
            const special = this.r.below(3);
            if (special === 0) {
                this.emit(OP.memorySize, 0);
            } else if (special === 1) {
                this.emit(0x41, ...sleb(this.r.below(3)), OP.memoryGrow, 0);
            } else {
                this.value('i32', depth - 1);
                this.emit(0x41, TABLE_SIZE - 1, 0x71, OP.tableGet, 0, OP.refIsNull);
            }
        } else {
            this.leaf(type);
        }
    }

    branch(depth) {
        const at = this.r.below(this.labels.length);
        const type = this.labels[this.labels.length - 1 - at];
        if (type !== null) {
            this.value(type, depth - 1);
        }
        this.value('i32', depth - 1);
        this.emit(OP.brIf, ...uleb(at));
        if (type !== null) {
            this.emit(OP.drop);
        }
    }

    branchTable(depth) {
        const n = 1 + this.r.below(4);
        for (let i = 0; i <= n; i++) {
            this.emit(OP.block, VOID);
        }
        this.value('i32', depth - 1);
        const targets = Array.from({ length: n }, () => uleb(this.r.below(n + 1)));
        this.emit(OP.brTable, ...vector(targets), ...uleb(this.r.below(n + 1)), OP.end);
        for (let i = 0; i < n; i++) {
            this.labels.push(...Array(n - i).fill(null));
            this.statement(depth - 2);
            this.labels.length -= n - i;
            this.emit(OP.end);
        }
    }

    bulk(depth) {
        const small = () => {
            this.value('i32', depth - 2);
            this.emit(0x41, ...sleb(this.r.chance(95) ? 0x1ff : -1), 0x71);
        };
        const r = this.r;
        small();
        small();
        small();
        const segment = r.below(N_PASSIVE);
        switch (r.below(8)) {
        case 0:
        case 1:
            this.emit(0xfc, 10, 0, 0);
            break;
        case 2:
        case 3:
            this.emit(0xfc, 11, 0);
            break;
        case 4:
        case 5:
            this.emit(0x41, 3, 0x71, 0xfc, 8, segment, 0);
            break;
        case 6:
            this.emit(0x41, 3, 0x71, 0xfc, 14, 0, 0);
            break;
        default:
            this.emit(0x41, 3, 0x71, 0xfc, 12, 0, 0);
            break;
        }
    }

    statement(depth) {
        const r = this.r;
        if (depth <= 0 || this.code.length > MAX_CODE) {
            return;
        }
        const choice = r.below(100);
        if (choice < 25) {
            const local = r.below(this.locals.length);
            this.value(this.locals[local], depth);
            this.emit(OP.localSet, ...uleb(local));
        } else if (choice < 35) {
            const global = r.below(this.globals.length);
            this.value(this.globals[global], depth);
            this.emit(OP.globalSet, ...uleb(global));
        } else if (choice < 55) {
            const type = r.pick(this.types);
            const [op, align] = r.pick(STORES[type]);
            this.address(depth, 0);
            this.value(type, depth);
            this.emit(...op);
            this.memoryArgument(align);
        } else if (choice < 60) {
            this.block(null, depth);
        } else if (choice < 66) {
            this.conditional(null, depth);
        } else if (choice < 71) {
            this.loop(null, depth);
        } else if (choice < 76 && this.labels.length > 0) {
            this.branch(depth);
        } else if (choice < 79) {
            this.branchTable(depth);
        } else if (choice < 84) {
            this.callSome(null, depth);
        } else if (choice < 88) {
            this.bulk(depth);
        } else if (choice < 91) {
            this.value('i32', depth - 1);
            this.emit(0x41, TABLE_SIZE - 1, 0x71);
            this.emit(...(r.chance(30) ? [OP.refNull, 0x70]
                : [OP.refFunc, ...uleb(r.below(this.signatures.length))]));
            this.emit(OP.tableSet, 0);
        } else if (choice < 94 && this.exceptions) {
            if (r.chance(50)) {
                this.tryCatch(null, depth);
            } else {
                this.value('i32', depth - 1);
                this.emit(0x41, 7, 0x71, 0x45, OP.if, VOID);
                this.value('i32', depth - 1);
                this.emit(OP.throw, 0, OP.end);
            }
        } else if (choice < 95) {
            this.value('i32', depth - 1);
            this.emit(0x41, 63, 0x71, 0x45, OP.if, VOID, OP.unreachable, OP.end);
        } else if (choice < 97) {
            this.value('i32', depth - 1);
            this.emit(0x41, 7, 0x71, 0x45, OP.if, VOID);
            for (const t of this.signature.results) {
                this.value(t, depth - 2);
            }
            this.emit(OP.return, OP.end);
        } else {
            this.value(r.pick(this.types), depth);
            this.emit(OP.drop);
        }
    }

    statements(depth) {
        for (let i = this.r.below(3); i > 0; i--) {
            this.statement(depth);
        }
    }

    makeFunction(signature, index) {
        this.begin(index);
        this.useFuel();
        this.statement(5);
        this.statement(5);
        this.statements(5);
        const same = this.tailCalls && this.r.chance(60)
            ? this.signatures.findIndex((s, i) => i > index &&
                String(s.results) === String(signature.results)) : -1;
        if (same >= 0) {
            for (const t of this.signatures[same].params) {
                this.value(t, 2);
            }
            this.emit(OP.returnCall, ...uleb(same));
        } else {
            for (const t of signature.results) {
                this.value(t, 5);
            }
        }
        return body(this.locals.slice(signature.params.length), this.code);
    }

    /* ---- the fixed part ---- */

    /* An i64 on the stack from a value of `type`, and back. */
    toLong(type) {
        return { i32: [0xad], i64: [], f32: [0xbc, 0xad], f64: [0xbd],
            v128: [0xfd, 0x1d, 0] }[type];
    }

    fromLong(type) {
        return { i32: [0xa7], i64: [], f32: [0xa7, 0xbe], f64: [0xbf], v128: [0xfd, 0x12] }[type];
    }

    /* Locals: the parameters, then the sum. */
    mix(sum) {
        return [0x42, 7, 0x89, OP.localGet, ...uleb(sum), 0x85, 0x42,
            ...sleb('0x100000001b3'), 0x7e, OP.localSet, ...uleb(sum)];
    }

    wrapper(index) {
        const { params, results } = this.signatures[index];
        const sum = params.length, code = [0x41, ...sleb(FUEL), OP.globalSet, ...uleb(this.fuel)];
        params.forEach((t, i) => code.push(OP.localGet, ...uleb(i), ...this.fromLong(t)));
        code.push(OP.call, ...uleb(index));
        for (const t of [...results].reverse()) {
            code.push(...this.toLong(t), ...this.mix(sum));
        }
        code.push(OP.localGet, ...uleb(sum));
        return { type: { params: params.map(() => 'i64'), results: ['i64'] },
            bytes: body(['i64'], code) };
    }

    hash() {
        const address = 1, end = 2, code = [];
        code.push(OP.memorySize, 0, 0xad, ...this.mix(0));
        code.push(OP.memorySize, 0, 0x41, 16, 0x74, OP.localSet, end);
        code.push(OP.loop, VOID, OP.localGet, address, 0x29, 3, 0, ...this.mix(0));
        code.push(OP.localGet, address, 0x41, 8, 0x6a, OP.localTee, address);
        code.push(OP.localGet, end, 0x49, OP.brIf, 0, OP.end);
        this.globals.forEach((t, i) => {
            code.push(OP.globalGet, ...uleb(i), ...this.toLong(t), ...this.mix(0));
            if (t === 'v128') {
                code.push(OP.globalGet, ...uleb(i), 0xfd, 0x1d, 1, ...this.mix(0));
            }
        });
        for (let i = 0; i < TABLE_SIZE; i++) {
            code.push(0x41, i, OP.tableGet, 0, OP.refIsNull, 0xad, ...this.mix(0));
        }
        code.push(OP.localGet, 0);
        return { type: { params: [], results: ['i64'] }, bytes: body(['i64', 'i32', 'i32'], code) };
    }

    make() {
        const r = this.r, n = this.signatures.length;
        const bodies = this.signatures.map((s, i) => this.makeFunction(s, i));
        const exported = [...this.signatures.keys()].map((i) => this.wrapper(i));
        exported.push(this.hash());
        const types = [...this.signatures, ...exported.map((e) => e.type),
            { params: ['i32'], results: [] }];
        const zero = { i32: [0x41, 0], i64: [0x42, 0], f32: [0x43, 0, 0, 0, 0],
            f64: [0x44, 0, 0, 0, 0, 0, 0, 0, 0], v128: [0xfd, 0x0c, ...Array(16).fill(0)] };
        const globals = [...this.globals, 'i32'].map((t) => [BLOCK[t], 1, ...zero[t], OP.end]);
        const passive = Array.from({ length: N_PASSIVE }, () => {
            const bytes = r.bytes(r.below(300));
            return [1, ...uleb(bytes.length), ...bytes];
        });
        const active = r.bytes(256);
        const elements = this.elements.map(uleb);
        const names = [...this.signatures.keys()].map((i) => `f${i}`);
        names.push('hash');
        return Buffer.from([
            0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
            ...section(1, vector(types.map(functionType))),
            ...section(3, vector([...this.signatures.keys(), ...exported.map((_, i) => n + i)]
                .map(uleb))),
            ...section(4, vector([[0x70, 1, TABLE_SIZE, TABLE_SIZE]])),
            ...section(5, vector([[1, 1, 3]])),
            ...(this.exceptions ? section(13, vector([[0, ...uleb(types.length - 1)]])) : []),
            ...section(6, vector(globals)),
            ...section(7, vector(names.map((text, i) => [...name(text), 0, ...uleb(n + i)]))),
            ...section(9, vector([
                [0, 0x41, 0, OP.end, ...vector(elements)],
                [1, 0, ...vector([...this.signatures.keys()].slice(0, 3).map(uleb))],
                [3, 0, ...vector([...this.signatures.keys()].map(uleb))],
            ])),
            ...section(12, uleb(N_PASSIVE + 1)),
            ...section(10, vector([...bodies, ...exported.map((e) => e.bytes)])),
            ...section(11, vector([...passive, [0, 0x41, 16, OP.end, ...uleb(256), ...active]])),
        ]);
    }
}

module.exports = { ModuleMaker };
