/* SPDX-License-Identifier: MIT */
/*
 * The differences that are understood, one by one: what differs, when, and who is right.
 *
 * A rule's `explains` is given the call with our answer and with theirs. `harmless`: the answers
 * differ, what was done does not, so the rest of the sequence is compared all the same. `habit`: only
 * some versions of the oracle answer so, those that oracle.js says it of. "WASI" is the
 * witx document of preview 1, "the testsuite" WebAssembly/wasi-testsuite.
 */
'use strict';

const E = {
    SUCCESS: 0, BADF: 8, BUSY: 10, EXIST: 20, ILSEQ: 25, INVAL: 28, ISDIR: 31, LOOP: 32,
    NAMETOOLONG: 37, NOBUFS: 42, NOENT: 44, NOTDIR: 54, NOTEMPTY: 55, PERM: 63, NOTCAPABLE: 76,
};
const OFLAG = { creat: 1, directory: 2, excl: 4, trunc: 8 };
const FOLLOW = 1;

/* Where the paths stand in the words of a call. */
const PATHS = {
    open: [4], mkdir: [2], stat: [3], set_times: [3], link: [3, 5], readlink: [2], rmdir: [2],
    rename: [2, 4], symlink: [3], unlink: [2],
};
const paths = (call) => (PATHS[call.name] ?? []).map((i) => decoded(call.words[i]));

/* Bytes, not UTF-8. */
function decoded(word) {
    return word === '%' ? '' :
        word.replace(/%([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

const answers = (ours, theirs) => (our, their) => our.errno === ours && their.errno === theirs;
const some = (call, test) => paths(call).some(test);

/* Both answers with what `simplify` takes away taken away are the same. */
const same = (simplify) => (our, their) => simplify(our.answer) === simplify(their.answer);

const leaves = (path) => {
    let depth = 0;
    if (path.startsWith('/')) return true;
    for (const part of path.split('/')) {
        if (part === '..' && --depth < 0) return true;
        if (part !== '' && part !== '.' && part !== '..') depth++;
    }
    return false;
};
const unclean = (path) => /(^|\/)\.{0,2}(\/|$)/.test(path);
const wholeSeconds = (text) => text.replace(/time (\d{10})\d{9}/g, 'time $1');
const withoutEntryInodes = (text) => text.replaceAll(' (listed with another)', '');

exports.node = [
    {
        name: 'directories list . and ..',
        why: 'WASI leaves it open; wasmtime lists them, uvwasi leaves them out',
        harmless: true,
        explains: (our, their) =>
            our.name === 'list' && our.answer.replace('dots 2', 'dots 0') === their.answer,
    },
    {
        name: 'times have nanoseconds; entries of a listing have inode numbers',
        why: 'WASI counts in nanoseconds, and the testsuite looks for d_ino; uvwasi sets whole seconds, ' +
            'and lists every entry with inode 0',
        harmless: true,
        explains: same((text) => withoutEntryInodes(wholeSeconds(text))),
    },
    {
        name: 'a path that leaves the directory is PERM',
        why: 'as in wasmtime; uvwasi says NOTCAPABLE, and the testsuite takes either',
        harmless: true,
        explains: (our, their) => their.errno === E.NOTCAPABLE && our.name in PATHS &&
            (our.errno === E.PERM || (our.errno !== E.SUCCESS && some(our, leaves))),
    },
    {
        name: 'reading or writing what is not open for it is BADF',
        why: 'as in POSIX and wasmtime, files and directories alike; uvwasi says NOTCAPABLE',
        harmless: true,
        explains: (our, their) => answers(E.BADF, E.NOTCAPABLE)(our, their) &&
            /^(read|write|pread|pwrite|seek|tell|allocate|advise|set_size|list)$/.test(our.name),
    },
    {
        name: 'a path is looked up from a directory only',
        why: 'NOTDIR for a file, as in wasmtime and the testsuite; uvwasi looks at its rights first',
        harmless: true,
        explains: (our, their) => answers(E.NOTDIR, E.NOTCAPABLE)(our, their) &&
            (our.name in PATHS || our.name === 'list'),
    },
    {
        name: 'a short buffer gets the beginning of a link',
        why: 'the testsuite (readlink) wants it cut, as POSIX has it; uvwasi says NOBUFS',
        harmless: true,
        explains: (our, their) => our.name === 'readlink' && our.errno === E.SUCCESS &&
            their.errno === E.NOBUFS,
    },
    {
        name: 'a link may be made that leads outside',
        why: 'only following it is an error, as in wasmtime; uvwasi refuses to make it',
        habit: 'refusesLinksOutside',
        explains: (our, their) => our.name === 'symlink' && their.errno === E.NOTCAPABLE &&
            our.words[1].startsWith('../'),
    },
    {
        name: 'descriptors have the rights and the flags that they have a use for',
        why: 'other rights are not kept, as in wasmtime; uvwasi lets directories advise and poll, and ' +
            'reports the flags of the host instead of those of WASI (32768 and above)',
        harmless: true,
        explains: (our, their) => {
            const form = /^fdstat 0 type (\d) flags (\d+) rights ([0-9a-f]+) inheriting ([0-9a-f]+)$/;
            const a = form.exec(our.answer), b = form.exec(their.answer);
            if (a === null || b === null || a[1] !== b[1]) return false;
            const none = a[1] === '3' ? 0x8400167n | 0x80n : 0n;
            const useful = (rights) => BigInt('0x' + rights) & ~none;
            return (a[2] === b[2] || Number(b[2]) >= 32768) && useful(a[3]) === useful(b[3]) &&
                a[4] === b[4];
        },
    },
    {
        name: 'open without following stops at a link',
        why: 'LOOP, as in wasmtime and the testsuite (dangling_symlink); uvwasi follows it',
        explains: (our, their) => our.name === 'open' && our.errno === E.LOOP &&
            Number(our.words[3]) !== FOLLOW && [E.SUCCESS, E.NOENT, E.ISDIR].includes(their.errno),
    },
    {
        name: 'only what is open can be renumbered',
        why: 'WASI and wasmtime: BADF; uvwasi lets a closed descriptor become itself',
        harmless: true,
        explains: (our, their) => answers(E.BADF, E.SUCCESS)(our, their) &&
            our.name === 'renumber',
    },
    {
        name: 'a directory is opened for writing by the right to write alone',
        why: 'as in wasmtime; to uvwasi the rights to set a size and to allocate are writing too',
        explains: (our, their) => our.name === 'open' && answers(E.SUCCESS, E.ISDIR)(our, their) &&
            (BigInt(our.words[6]) & 64n) === 0n && (BigInt(our.words[6]) & 0x400101n) !== 0n,
    },
    {
        name: 'a path is UTF-8',
        why: 'ILSEQ, as in wasmtime and the testsuite (interesting_paths); uvwasi passes any bytes on',
        explains: (our, their) => our.errno === E.ILSEQ &&
            some(our, (path) => path.includes('\xff')),
    },
    {
        name: 'a path holds no NUL',
        why: 'INVAL, as in wasmtime and the testsuite (interesting_paths); older uvwasi cut it there',
        habit: 'cutsPathsAtNul',
        explains: (our, their) => our.errno === E.INVAL && their.errno !== E.INVAL &&
            some(our, (path) => path.includes('\0')),
    },
    {
        name: 'an empty path names nothing',
        why: 'NOENT, as POSIX has it and wasmtime; uvwasi says INVAL',
        harmless: true,
        explains: (our, their) => answers(E.NOENT, E.INVAL)(our, their) &&
            (some(our, (path) => path === '') || (our.name === 'symlink' && our.words[1] === '%')),
    },
    {
        name: 'what is no preopen has no prestat',
        why: 'BADF ends the search of every libc, as in wasmtime; uvwasi says INVAL',
        harmless: true,
        explains: (our, their) => our.name === 'prestat' && answers(E.BADF, E.INVAL)(our, their),
    },
    {
        name: 'a directory is neither created, nor cut, by opening it',
        why: 'DIRECTORY with CREAT, EXCL or TRUNC is INVAL, as in wasmtime; uvwasi looks at the path first',
        harmless: true,
        explains: (our, their) => our.name === 'open' && our.errno === E.INVAL &&
            their.errno !== E.SUCCESS && (Number(our.words[5]) & OFLAG.directory) !== 0 &&
            (Number(our.words[5]) & ~OFLAG.directory) !== 0,
    },
    {
        name: 'EXCL takes a link for what is there already',
        why: 'EXIST, as POSIX has it for O_CREAT with O_EXCL; uvwasi looks behind the link first',
        explains: (our, their) => our.name === 'open' && our.errno === E.EXIST &&
            [E.SUCCESS, E.LOOP, E.NOTCAPABLE, E.ISDIR].includes(their.errno) &&
            (Number(our.words[5]) & (OFLAG.creat | OFLAG.excl)) === (OFLAG.creat | OFLAG.excl),
    },
    {
        name: 'flags that WASI does not have are INVAL',
        why: 'as in wasmtime; uvwasi ignores them',
        explains: (our, their) => our.errno === E.INVAL &&
            ((our.name === 'open' && our.words[8] === '32') ||
                (our.name === 'set_flags' && our.words[2] === '32')),
    },
    {
        name: 'the right to seek includes the right to tell',
        why: 'WASI says so of fd_seek; uvwasi wants both',
        harmless: true,
        explains: (our, their) => our.name === 'tell' && answers(E.SUCCESS, E.NOTCAPABLE)(our, their),
    },
    {
        name: 'a descriptor gets what rights its directory can hand on',
        why: 'what is asked for beyond that is dropped, as in wasmtime; uvwasi refuses to open',
        explains: (our, their) => our.name === 'open' && their.errno === E.NOTCAPABLE,
    },
    {
        name: 'a position is any number',
        why: 'WASI has no limit but the type; the host of uvwasi has that of its file system',
        explains: (our, their) => our.name === 'seek' && answers(E.SUCCESS, E.INVAL)(our, their) &&
            BigInt(our.words[2]) > 1n << 60n,
    },
    {
        name: 'a directory that was removed and made anew is the new one',
        why: 'QEMU\'s server keeps directories by their path; descriptors of node keep the removed one',
        explains: (our, their) => our.errno === E.SUCCESS && their.errno === E.NOENT &&
            Number(our.words[our.name === 'open' ? 2 : 1]) !== 0 &&
            (our.name in PATHS || our.name === 'list'),
    },
    {
        name: 'paths are walked, not shortened as text',
        why: 'POSIX looks at every component, so that `file/.` and `none/..` are errors, as in wasmtime; ' +
            'uvwasi takes `.`, `..`, double and last slashes away first',
        explains: (our, their) => our.errno !== E.PERM && our.name in PATHS && some(our, unclean),
    },
    {
        name: 'the descriptor is looked at before the arguments',
        why: 'a call may be wrong in two ways, and WASI does not say which is told',
        harmless: true,
        explains: (our, their) =>
            [E.BADF, E.NOTCAPABLE].includes(our.errno) && their.errno === E.INVAL &&
            ['pwrite', 'pread', 'fd_set_times', 'seek', 'advise'].includes(our.name),
    },
    {
        name: 'the first path is looked up before the second directory is',
        why: 'the same for the calls with two directories',
        harmless: true,
        explains: (our, their) => ['rename', 'link'].includes(our.name) &&
            our.errno !== E.SUCCESS && [E.BADF, E.NOTCAPABLE, E.NOTDIR].includes(their.errno),
    },
    {
        name: 'the first wrong path is told',
        why: 'of two, and WASI does not say which',
        harmless: true,
        explains: (our, their) => ['rename', 'link'].includes(our.name) && our.errno !== E.SUCCESS &&
            their.errno !== E.SUCCESS && (our.errno === E.PERM || some(our, (path) => unclean(path) ||
                path.includes('loop/') || path.length > 255 || path === '' || path.includes('\0'))),
    },
];

exports.ram = [
    {
        name: 'a directory that was removed is empty',
        why: 'as in Linux; QEMU\'s server keeps directories by their path, and says NOENT, or shows what ' +
            'has been made at that path since',
        explains: (our, their) => (our.name === 'list' && /^list 0 dots 0$/.test(their.answer)) ||
            (our.name === 'fd_stat' && answers(E.NOENT, E.SUCCESS)(our, their)),
    },
    {
        name: 'a file cannot take the place of the directory that it is in',
        why: 'ISDIR, as POSIX has it and the RAM file system; Linux says NOTEMPTY',
        harmless: true,
        explains: (our, their) => our.name === 'rename' && answers(E.NOTEMPTY, E.ISDIR)(our, their),
    },
];
