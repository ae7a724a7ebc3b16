#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs the WebAssembly spec testsuite, or a part of it, inside the kernel.
#
#   run.sh CONFIG WORK [--slice] [--suite PATH] [--markdown FILE] [--published FILE] [NAME...]
#
# CONFIG is written by CMake; WORK keeps what was translated, compiled and booted, so that a second
# run does only what changed. PATH is an archive or a directory in place of the testsuite that CMake
# was told of; NAMEs are testsuite files without their ending; none means all.
# FILE is docs/conformance.md: --markdown puts the results into it, --published compares them with it.
# Exit code: 0 as expected, 1 not, 77 skipped because the testsuite is not there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$1"
mkdir -p "$2"
work=$(cd "$2" && pwd)
shift 2

names=()
report=()
while [ $# -gt 0 ]; do
  case $1 in
    --slice) mapfile -t names < <(grep -v '^#' "$here/slice.txt") ;;
    --suite) suite=$2; shift ;;
    --markdown | --published) report=("$1" "$2"); shift ;;
    *) names+=("$1") ;;
  esac
  shift
done

if [ ! -e "$suite" ]; then
  echo "SKIPPED: no spec testsuite at $suite; give its place with -DINGOT_SPEC_TESTSUITE= or in the environment"
  exit 77
fi
json=$suite
if [ ! -d "$suite" ]; then
  json=$work/json
  if [ ! "$json/.unpacked" -nt "$suite" ]; then
    rm -rf "$json"
    mkdir "$json"
    tar -xf "$suite" -C "$json"
    touch "$json/.unpacked"
  fi
fi
mapfile -t files < <(find "$json" -name '*.json' | sort)
if [ ${#names[@]} != 0 ]; then
  wanted=()
  for name in "${names[@]}"; do
    found=
    for file in "${files[@]}"; do
      [ "${file##*/}" = "$name.json" ] && wanted+=("$file") && found=1
    done
    [ -n "$found" ] || { echo "run.sh: no $name.json below $json" >&2; exit 1; }
  done
  files=("${wanted[@]}")
fi

# wabt's tools over many modules, one process per core.
batch() {
  local n part running=()
  n=$(nproc)
  rm -f "$work"/jobs.part.* "$work"/results.part.*
  split -n "r/$n" "$work/jobs.tsv" "$work/jobs.part."
  for part in "$work"/jobs.part.*; do
    node "$here/batch.js" "$wabt/bin" <"$part" >"${part/jobs/results}" &
    running+=($!)
  done
  for part in "${running[@]}"; do
    wait "$part"
  done
  cat "$work"/results.part.* >"$work/results.tsv"
}

cp -u "$rules" "$work/rules.ninja"
spectest=$work/spectest.wasm
printf 'spectest\twat2wasm\t%s\t--enable-all\t-o\t%s\n' "$here/spectest.wat" "$spectest" >"$work/jobs.tsv"
[ "$spectest" -nt "$here/spectest.wat" ] || batch

# First everything is asked of the inspector and of wasm2c; then the plan is made again without what
# wasm2c refused. What was translated before for the same jobs is kept.
cast=("$spec" cast --inspect "$inspect" --spectest "$spectest" --out "$work")
"${cast[@]}" "${files[@]}"
if ! cmp -s "$work/jobs.tsv" "$work/jobs.done" || [ ! -e "$work/results.tsv" ]; then
  cp "$work/jobs.tsv" "$work/jobs.first"
  rm -f "$work/jobs.done" "$work/jobs.moved"
  batch
  mv "$work/jobs.first" "$work/jobs.done"
fi
"${cast[@]}" --results "$work/results.tsv" "${files[@]}"

# C is named by the module's place in the plan, which a refused module before it changes.
comm -23 <(sort "$work/jobs.tsv") <(sort "$work/jobs.done") >"$work/jobs.new"
mv "$work/jobs.new" "$work/jobs.tsv"
if ! cmp -s "$work/jobs.tsv" "$work/jobs.moved"; then
  cp "$work/results.tsv" "$work/results.first"
  batch
  mv "$work/results.first" "$work/results.tsv"
  cp "$work/jobs.tsv" "$work/jobs.moved"
fi

# A file that does not compile or link has no verdicts; the report tells.
(cd "$work" && ninja -k 0 --quiet) || true
"$spec" report --out "$work" --expected "$here/expected.txt" "${report[@]}" "${files[@]}"
