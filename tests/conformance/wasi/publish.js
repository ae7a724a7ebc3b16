/* SPDX-License-Identifier: MIT */
/*
 * Totals of the WASI testsuite, from what CTest ran, into docs/conformance.md.
 *
 *   node publish.js JUNIT.xml docs/conformance.md
 *
 * Replaces what is between the two markers.
 * Exit status: 0 when all passed, 1 when not.
 */
'use strict';
const fs = require('fs');

const BEGIN = '<!-- wasi: generated -->\n';
const END = '<!-- end of wasi -->\n';
const LANGUAGES = { rust: 'Rust', c: 'C', assemblyscript: 'AssemblyScript', threads: 'threads' };

function results(xml) {
    const text = fs.readFileSync(xml, 'utf8');
    const tests = [...text.matchAll(/<testcase name="wasi-([a-z]+)-([^"]+)"[^>]*status="([a-z]+)"/g)];
    return tests.map(([, language, name, status]) => ({ language, name, passed: status === 'run' }));
}

function section(tests) {
    const count = (list) => `${list.filter((t) => t.passed).length} of ${list.length}`;
    const threads = tests.filter((t) => t.language === 'threads');
    const others = tests.filter((t) => t.language !== 'threads');
    const failed = tests.filter((t) => !t.passed).map((t) => `- \`${t.language}/${t.name}\``);
    const rows = Object.keys(LANGUAGES).filter((l) => l !== 'threads').map((l) =>
        `| ${LANGUAGES[l]} | ${count(others.filter((t) => t.language === l))} |`);
    return [
        '',
        `**${count(others)} preview 1 tests** pass.`, '',
        '| written in | pass |', '|---|---|', ...rows, '',
        ...(failed.length > 0 ? ['Failed:', '', ...failed, ''] : []),
        `The ${threads.length} tests of wasi-threads are refused when they are built, with an error that says ` +
        `so (${count(threads)} are): an image has one thread ([limits.md](limits.md)). They are`, '',
        ...threads.map((t) => `- \`${t.name}\``), '',
    ].join('\n');
}

function main(xml, doc) {
    const tests = results(xml);
    const passed = tests.filter((t) => t.passed).length;
    console.log(`${passed} passed, ${tests.length - passed} failed, 0 skipped`);
    const [before, rest] = fs.readFileSync(doc, 'utf8').split(BEGIN);
    const after = rest?.split(END)[1];
    if (after === undefined) {
        throw new Error(`${doc}: no ${BEGIN.trim()} and ${END.trim()} after it`);
    }
    fs.writeFileSync(doc, before + BEGIN + section(tests) + '\n' + END + after);
    process.exitCode = tests.length > 0 && passed === tests.length ? 0 : 1;
}

main(...process.argv.slice(2));
