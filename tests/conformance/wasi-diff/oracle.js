/* SPDX-License-Identifier: MIT */
/*
 * Asks this node's WASI what it is: node oracle.js MODULE DIR, an empty directory to work in.
 *
 * Versions say little (distributions build node with a uvwasi of their own), so a few calls are
 * performed whose right answers are known. Prints, as JSON, which of the habits below it has.
 */
'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

/* Each a call, and what it answers where node has the habit. */
const HABITS = {
    /* Faults that spoil too much of a sequence: such a node is no judge. */
    countsNulOfLinks: ['readlink 0 link 100', /^readlink 0 5 /],
    followsFromWrongDirectory: ['stat 0 1 d/link 0', /^stat [^0]/],
    /* Ways that a rule of differences.js explains. */
    cutsPathsAtNul: ['stat 0 0 file%00x 0', /^stat 0 /],
    refusesLinksOutside: ['symlink ../file 0 outside', /^symlink 76/],
};

function main(module_, directory) {
    const tree = path.join(directory, 'tree/ask');
    fs.mkdirSync(path.join(tree, 'd'), { recursive: true });
    fs.writeFileSync(path.join(tree, 'file'), 'hello\n');
    fs.writeFileSync(path.join(tree, 'd/other'), '');
    fs.symlinkSync('file', path.join(tree, 'link'));
    fs.symlinkSync('other', path.join(tree, 'd/link'));
    const program = path.join(directory, 'program');
    fs.writeFileSync(program,
        ['begin ask', ...Object.values(HABITS).map(([call]) => call), 'end ask', ''].join('\n'));
    const out = execFileSync(process.execPath, ['--no-warnings', path.join(__dirname, 'node.js'), module_,
        program, path.join(directory, 'tree')], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'inherit'] });
    const answers = out.split('\n').slice(1);
    const habits = {};
    Object.entries(HABITS).forEach(([name, [, sign]], i) => { habits[name] = sign.test(answers[i]); });
    console.log(JSON.stringify(habits));
}

main(process.argv[2], process.argv[3]);
