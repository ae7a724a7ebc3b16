/* SPDX-License-Identifier: MIT */
/*
 * Checks that what a guest printed of its directories at the end of each sequence is what the host
 * has there: names, types, sizes, links, targets and contents.
 *
 *   node tree.js PROGRAM ANSWERS DIRECTORY
 */
'use strict';
const fs = require('fs');
const path = require('path');

const TYPE = { directory: 3, file: 4, link: 7 };

function hash(bytes) {
    let h = 2166136261;
    for (const byte of bytes) h = Math.imul(h ^ byte, 16777619) >>> 0;
    return h.toString(16).padStart(8, '0');
}

/* One line for each entry below `name`, as guest/tree.c prints them, without times and inodes. */
function describe(directory, name) {
    const byBytes = (a, b) => Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
    const names = fs.readdirSync(Buffer.from(path.join(directory, name), 'latin1'), 'latin1');
    return names.sort(byBytes).flatMap((entry) => {
        const at = `${name}/${entry}`, host = Buffer.from(`${directory}/${at}`, 'latin1');
        const s = fs.lstatSync(host);
        if (s.isDirectory()) return [`${at} type ${TYPE.directory}`, ...describe(directory, at)];
        const common = `size ${s.size} links ${s.nlink}`;
        return s.isSymbolicLink()
            ? [`${at} type ${TYPE.link} ${common} -> ${fs.readlinkSync(host, 'latin1')}`]
            : [`${at} type ${TYPE.file} ${common} ${hash(fs.readFileSync(host))}`];
    });
}

function main(program, answers, directory) {
    const sequences = fs.readFileSync(program, 'latin1').match(/^end \S+$/gm);
    const printed = fs.readFileSync(answers, 'latin1').split('\n')
        .filter((line) => /^  s\d+\//.test(line))
        .map((line) => line.trim().replace(/ mtime \S+/, '').replace(/ inode \d+/, ''));
    const found = sequences.flatMap((line) => describe(directory, line.split(' ')[1]));
    let wrong = 0;
    for (let i = 0; i < Math.max(printed.length, found.length); i++) {
        if (printed[i] === found[i]) continue;
        console.log(`  printed ${printed[i]}\n  found   ${found[i]}`);
        if (++wrong === 10) break;
    }
    console.log(`${found.length} entries, ${wrong === 0 ? 'all as printed' : 'not as printed'}`);
    process.exitCode = wrong > 0 || found.length === 0 ? 1 : 0;
}

main(...process.argv.slice(2));
