/* SPDX-License-Identifier: MIT */
/*
 * Compares what two hosts answered to one program, call by call.
 *
 *   node compare.js RULES PROGRAM OURS THEIRS [--habits=JSON] [--all-rules]
 *
 * RULES is one of the lists of differences.js. A difference that a rule of it explains is counted; any
 * other is printed, and makes the exit status 1. Where a call has done something on one side only,
 * what the rest of that sequence answers says nothing more: it is not compared. A rule that names a
 * habit is there only for an oracle that has it (oracle.js). With --all-rules a rule that explains
 * nothing is an error too.
 */
'use strict';
const fs = require('fs');
const differences = require('./differences.js');

/* Calls that leave nothing behind whatever they answer. */
const READ_ONLY = ['stat', 'fd_stat', 'fdstat', 'list', 'readlink', 'tell', 'pread', 'advise',
    'prestat', 'sync', 'datasync', 'end'];

/* Every call of a program with what it answered. `errno` is the first number of the answer, `rest`
 * what follows it. */
function answers(program, file) {
    const lines = fs.readFileSync(file, 'latin1').split('\n');
    const calls = [];
    let at = 0, sequence;
    for (const line of fs.readFileSync(program, 'latin1').trimEnd().split('\n')) {
        const words = line.split(' ');
        if (words[0] === 'begin') sequence = words[1];
        const stop = words[0] === 'end' ? lines.indexOf('ended', at) + 1 : at + 1;
        const answer = lines.slice(at, stop).join('\n');
        const [, errno, rest] = /^\S+ (\d+) ?([^]*)$/.exec(answer) ?? [null, '-1', answer];
        calls.push({ sequence, line, words, name: words[0], answer, errno: Number(errno), rest });
        at = stop;
    }
    return calls;
}

function diverges(ours, theirs) {
    return !READ_ONLY.includes(ours.name) &&
        (ours.errno === 0 || theirs.errno === 0);
}

function main(rulesName, program, oursFile, theirsFile, ...options) {
    const given = options.find((option) => option.startsWith('--habits='));
    const habits = given ? JSON.parse(given.slice('--habits='.length)) : {};
    const all = options.includes('--all-rules');
    const rules = differences[rulesName].filter((rule) => !rule.habit || habits[rule.habit])
        .map((rule) => ({ ...rule, times: 0 }));
    const ours = answers(program, oursFile), theirs = answers(program, theirsFile);
    const left = new Set(); /* sequences that are not compared any further */
    let compared = 0, explained = 0, unexplained = 0;
    ours.forEach((our, i) => {
        const their = theirs[i];
        if (left.has(our.sequence)) return;
        compared++;
        if (our.answer === their.answer) return;
        const rule = rules.find((r) => r.explains(our, their));
        if (rule) {
            rule.times++;
            explained++;
        } else {
            unexplained++;
            console.log(`${our.sequence}: ${our.line}\n  ours    ${our.answer}\n  theirs  ${their.answer}`);
        }
        if (!rule?.harmless && diverges(our, their)) left.add(our.sequence);
    });
    const sequences = new Set(ours.map((c) => c.sequence)).size;
    console.log(`${sequences} sequences, ${ours.length} calls: ${compared} compared ` +
        `(${sequences - left.size} sequences to their end), ${explained} differences explained, ` +
        `${unexplained} not`);
    const idle = rules.filter((rule) => rule.times === 0);
    for (const rule of rules) if (rule.times > 0) console.log(`  ${rule.times} times: ${rule.name}`);
    if (all) for (const rule of idle) console.log(`explains nothing: ${rule.name}`);
    const none = ours.every((our) => our.errno !== 0);
    process.exitCode = unexplained > 0 || none || (all && idle.length > 0) ? 1 : 0;
}

main(...process.argv.slice(2));
