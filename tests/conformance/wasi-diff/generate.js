/* SPDX-License-Identifier: MIT */
/*
 * Random sequences of WASI calls, the same for the same seed.
 *
 *   node generate.js DIR SEED COUNT
 *
 * writes DIR/program, the calls of all sequences for guest/calls.c, and DIR/tree, the directory that
 * they work in: each sequence has a directory of its own, sNNN, that starts as initialTree makes it.
 */
'use strict';
const fs = require('fs');
const path = require('path');
const { Random } = require('../fuzz/random.js');

const RIGHT = {
    datasync: 1n << 0n, read: 1n << 1n, seek: 1n << 2n, set_flags: 1n << 3n, sync: 1n << 4n,
    tell: 1n << 5n, write: 1n << 6n, advise: 1n << 7n, allocate: 1n << 8n,
    create_directory: 1n << 9n, create_file: 1n << 10n, link_source: 1n << 11n,
    link_target: 1n << 12n, open: 1n << 13n, readdir: 1n << 14n, readlink: 1n << 15n,
    rename_source: 1n << 16n, rename_target: 1n << 17n, path_stat: 1n << 18n,
    path_set_size: 1n << 19n, path_set_times: 1n << 20n, stat: 1n << 21n, set_size: 1n << 22n,
    set_times: 1n << 23n, symlink: 1n << 24n, remove_directory: 1n << 25n, unlink: 1n << 26n,
    poll: 1n << 27n,
};
/* Without those of sockets: asking for what a directory cannot hand on is another matter. */
const ALL = (1n << 28n) - 1n;
const ON_DIRECTORY = ALL & ~(RIGHT.datasync | RIGHT.read | RIGHT.seek | RIGHT.tell | RIGHT.write |
    RIGHT.allocate | RIGHT.set_size);
const OFLAG = { creat: 1, directory: 2, excl: 4, trunc: 8 };
const FDFLAG = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 };

/* Every name that a sequence uses is one of these, so that calls meet. */
const FILES = ['a', 'b', 'c', 'd/f', 'd/g', 'd/sub/x'];
const DIRS = ['d', 'd/sub', 'e', 'e/h', 'ld'];
const LINKS = ['l', 'ld', 'dangling', 'loop', 'k', 'd/m'];

function initialTree(dir) {
    fs.mkdirSync(path.join(dir, 'd/sub'), { recursive: true });
    fs.writeFileSync(path.join(dir, 'a'), 'hello\n');
    fs.writeFileSync(path.join(dir, 'b'), Buffer.alloc(10000, '0123456789abcde\n'));
    fs.writeFileSync(path.join(dir, 'd/f'), '');
    fs.symlinkSync('a', path.join(dir, 'l'));
    fs.symlinkSync('d', path.join(dir, 'ld'));
    fs.symlinkSync('nowhere', path.join(dir, 'dangling'));
    fs.symlinkSync('loop', path.join(dir, 'loop'));
    fs.symlinkSync('../f', path.join(dir, 'd/m'));
}

function encode(text) {
    let out = '';
    for (const byte of Buffer.from(text, 'latin1')) {
        const plain = byte > 0x20 && byte < 0x7f && byte !== 0x25;
        out += plain ? String.fromCharCode(byte) : '%' + byte.toString(16).padStart(2, '0');
    }
    return out === '' ? '%' : out;
}

class Sequence extends Random {
    constructor(seed, theme) {
        super(seed);
        this.theme = theme;
        this.open = [0]; // slots that may be open; 0 is the directory
        this.lines = [];
    }

    call(...words) {
        this.lines.push(words.join(' '));
    }

    /* Mostly the sequence's directory; now and then whatever another slot is. */
    dir() {
        return this.chance(90) ? 0 : this.slot();
    }

    slot() {
        return this.chance(4) ? this.below(8) : this.pick(this.open);
    }

    /* For calls that want a file: seldom the directory itself. */
    file() {
        return this.open.length > 1 && this.chance(95) ? this.pick(this.open.slice(1)) : this.slot();
    }

    plainPath() {
        return this.pick(this.chance(55) ? FILES : this.chance(60) ? DIRS : LINKS);
    }

    path() {
        const plain = this.plainPath();
        if (!this.chance(this.theme.odd)) return encode(plain);
        return encode(this.pick([
            () => './' + plain, () => plain + '/', () => plain + '/.', () => 'd/../' + plain,
            () => plain.replace('/', '//'), () => '.', () => '..', () => 'd/..', () => '../' + plain,
            () => 'd/../../' + plain, () => '', () => '/' + plain, () => plain + '/x', () => 'ld/f',
            () => 'loop/x', () => plain + '//', () => 'n'.repeat(255), () => 'n'.repeat(256),
            () => 'd/' + 'n/'.repeat(2100), () => './'.repeat(2000) + plain, () => 'a\0b',
            () => '\xff\xfe', () => 'caf\xc3\xa9', () => 'a b%c', () => 'd/sub/../f', () => 'ld/../a',
        ])());
    }

    lookup() {
        return this.chance(60) ? 1 : 0;
    }

    time() {
        /* Halves, quarters and eighths of a second only: they survive a host that counts in doubles. */
        return (1000000000n + BigInt(this.below(100000000))) * 1000000000n +
            125000000n * BigInt(this.below(8));
    }

    fstflags() {
        return this.pick([1, 4, 5, 5, 5, 2, 8, 10, 6, 9, 0]);
    }

    size() {
        return this.chance(70) ? this.below(300) : this.below(20000);
    }

    offset() {
        return this.chance(3) ? this.pick(['-1', '9223372036854775807']) : this.size();
    }

    rights() {
        if (!this.chance(this.theme.rights)) {
            return this.pick([RIGHT.read, RIGHT.write, RIGHT.read | RIGHT.write, ALL]) |
                RIGHT.seek | RIGHT.tell | RIGHT.stat | RIGHT.set_size | RIGHT.set_times | RIGHT.readdir |
                RIGHT.datasync | RIGHT.sync | RIGHT.set_flags | RIGHT.advise | RIGHT.allocate;
        }
        let rights = 0n;
        for (const bit of Object.values(RIGHT)) if (this.chance(60)) rights |= bit;
        return rights;
    }

    fdflags() {
        if (!this.chance(this.theme.flags)) return 0;
        return this.chance(5) ? 32 : this.pick([1, 1, 1, 2, 4, 8, 16, 5]);
    }

    oflags() {
        return this.chance(30) ? 0 : this.chance(10) ? this.below(16)
            : this.pick([OFLAG.creat, OFLAG.creat, OFLAG.creat | OFLAG.trunc, OFLAG.trunc,
                OFLAG.creat | OFLAG.excl]);
    }

    openFile(file) {
        const slot = 1 + this.below(7);
        this.call('open', slot, this.dir(), this.lookup(), file, this.oflags(), this.rights(),
            ALL, this.fdflags());
        if (!this.open.includes(slot)) this.open.push(slot);
    }

    openDirectory() {
        const slot = 1 + this.below(7);
        const rights = this.chance(this.theme.rights) ? this.rights() : ON_DIRECTORY;
        this.call('open', slot, this.dir(), this.lookup(), encode(this.pick(DIRS)), OFLAG.directory,
            rights, this.chance(50) ? rights : ALL, 0);
        if (!this.open.includes(slot)) this.open.push(slot);
    }
}

/* What a step can be. Each takes the sequence. */
const STEPS = {
    open: (s) => s.openFile(s.path()),
    opendir: (s) => s.openDirectory(),
    close: (s) => s.call('close', s.slot() || 1),
    renumber: (s) => s.call('renumber', s.slot() || 1, s.slot() || 1),
    read: (s) => s.call('read', s.file(), s.size(), 1 + s.below(4)),
    pread: (s) => s.call('pread', s.file(), s.size(), 1 + s.below(4), s.offset()),
    write: (s) => s.call('write', s.file(), s.size(), 1 + s.below(4), s.below(1000)),
    pwrite: (s) =>
        s.call('pwrite', s.file(), s.size(), 1 + s.below(4), s.below(1000), s.offset()),
    seek: (s) => s.call('seek', s.file(),
        s.chance(25) ? -s.size() : s.chance(3) ? '9223372036854775807' : s.size(),
        s.chance(4) ? 3 : s.below(3)),
    tell: (s) => s.call('tell', s.file()),
    advise: (s) => s.call('advise', s.file(), s.offset(), s.size(), s.below(7)),
    allocate: (s) => s.call('allocate', s.file(), s.size(), s.size()),
    sync: (s) => s.call(s.pick(['sync', 'datasync']), s.slot()),
    fdstat: (s) => s.call('fdstat', s.slot()),
    setFlags: (s) => s.call('set_flags', s.slot(), s.fdflags()),
    setRights: (s) => s.call('set_rights', s.slot() || 1, s.rights(), s.rights()),
    fdStat: (s) => s.call('fd_stat', s.slot(), 0),
    setSize: (s) => s.call('set_size', s.file(), s.chance(3) ? '-1' : s.size()),
    fdSetTimes: (s) => {
        const slot = s.slot(), flags = s.chance(5) ? s.pick([3, 12, 15, 16]) : s.fstflags();
        s.call('fd_set_times', slot, s.time(), s.time(), flags);
        s.call('fd_stat', slot, flags & 3 ? 1 : 0);
    },
    prestat: (s) => s.call('prestat', s.slot()),
    list: (s) => s.call('list', s.slot(), s.pick([24, 30, 64, 100, 300, 4096])),
    mkdir: (s) => s.call('mkdir', s.dir(), s.chance(60) ? encode(s.pick(DIRS)) : s.path()),
    stat: (s) => s.call('stat', s.dir(), s.lookup(), s.path(), 0),
    setTimes: (s) => {
        /* Only what is valid: after another value, node's WASI waits for its own lock for ever. */
        const dir = s.dir(), lookup = s.lookup(), file = s.path(), flags = s.fstflags();
        s.call('set_times', dir, lookup, file, s.time(), s.time(), flags);
        s.call('stat', dir, lookup, file, flags & 3 ? 1 : 0);
    },
    link: (s) => s.call('link', s.dir(), s.chance(5) ? 1 : 0, s.path(), s.dir(), s.path()),
    readlink: (s) => s.call('readlink', s.dir(),
        s.chance(70) ? encode(s.pick(LINKS)) : s.path(), s.pick([0, 1, 3, 100, 4096])),
    rmdir: (s) => s.call('rmdir', s.dir(), s.chance(60) ? encode(s.pick(DIRS)) : s.path()),
    rename: (s) => s.call('rename', s.dir(), s.path(), s.dir(), s.path()),
    symlink: (s) => s.call('symlink',
        s.chance(85) ? encode(s.pick(['a', 'd', 'c', '../a', 'sub', 'f'])) : s.path(), s.dir(),
        s.chance(60) ? encode(s.pick(LINKS)) : s.path()),
    unlink: (s) => s.call('unlink', s.dir(), s.path()),
};

/* What a sequence is about: how often each step comes, and how odd its arguments are, in percent. */
const THEMES = [
    { name: 'data', odd: 0, rights: 0, flags: 10,
        steps: { open: 3, close: 1, read: 5, pread: 3, write: 5, pwrite: 4, seek: 5, tell: 2,
            setSize: 2, fdStat: 2, allocate: 1, advise: 1, sync: 1 } },
    { name: 'names', odd: 3, rights: 0, flags: 0,
        steps: { open: 2, write: 1, rename: 6, link: 3, symlink: 3, unlink: 3, readlink: 2, stat: 4,
            mkdir: 2, rmdir: 1 } },
    { name: 'directories', odd: 3, rights: 0, flags: 0,
        steps: { opendir: 4, list: 5, mkdir: 4, rmdir: 3, open: 2, rename: 3, unlink: 1, stat: 2,
            close: 1, fdStat: 1, symlink: 1 } },
    { name: 'times', odd: 3, rights: 0, flags: 0,
        steps: { open: 3, fdSetTimes: 4, setTimes: 5, fdStat: 1, stat: 2, write: 1, setSize: 1,
            link: 1, symlink: 1 } },
    { name: 'rights', odd: 0, rights: 60, flags: 40,
        steps: { open: 5, opendir: 2, fdstat: 3, setFlags: 3, setRights: 3, renumber: 2, close: 1,
            read: 2, write: 3, pwrite: 2, pread: 1, seek: 2, tell: 1, fdStat: 1, setSize: 1, list: 1,
            allocate: 1, advise: 1, sync: 1, mkdir: 1, unlink: 1, rename: 1, stat: 1, readlink: 1,
            symlink: 1, link: 1, fdSetTimes: 1, setTimes: 1, prestat: 1 } },
    { name: 'paths', odd: 60, rights: 0, flags: 0,
        steps: { open: 4, stat: 4, mkdir: 2, rmdir: 1, unlink: 1, rename: 1, link: 1, symlink: 1,
            readlink: 2, setTimes: 1, write: 1 } },
];
const CALLS = 30;

function sequence(seed, theme) {
    const s = new Sequence(seed, theme);
    const bag = Object.entries(theme.steps).flatMap(([step, weight]) => Array(weight).fill(step));
    while (s.lines.length < CALLS) STEPS[s.pick(bag)](s);
    return s.lines;
}

function main(out, seed, count) {
    const program = [];
    for (let i = 0; i < count; i++) {
        const name = 's' + String(i).padStart(3, '0');
        initialTree(path.join(out, 'tree', name));
        program.push(`begin ${name}`, ...sequence(seed * 100000 + i, THEMES[i % THEMES.length]), `end ${name}`);
    }
    fs.writeFileSync(path.join(out, 'program'), program.join('\n') + '\n');
}

main(process.argv[2], Number(process.argv[3]), Number(process.argv[4]));
