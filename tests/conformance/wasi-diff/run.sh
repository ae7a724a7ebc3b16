#!/bin/bash
# SPDX-License-Identifier: MIT
# Compares our WASI with node's, call by call, over random sequences of file calls.
#
#   run.sh BUILD WORK SEED COUNT [--all-rules]
#
# Performs the sequences of SEED over a live host directory (virtio-9p), over the same directory baked
# into the image (the RAM file system), and in node. WORK keeps program, trees and answers.
# --all-rules: a rule of differences.js that explains nothing is an error too.
# Exit code: 0 no unexplained difference, 1 differences, 2 something did not run, 77 none, but this
# node is no judge.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
mkdir -p "$2"
work=$(cd "$2" && pwd)
seed=$3 count=$4
shift 4
ingot=$here/../../../scripts/ingot
export INGOT_BUILD=$build
module=$build/tests/conformance/wasi-diff/calls.wasm

die() {
  echo "run.sh: $*" >&2
  exit 2
}

# perform NAME COMMAND...: the program's answers, in NAME.out
perform() {
  local name=$1
  shift
  timeout 300 "$@" <"$work/program" >"$work/$name.out" 2>"$work/$name.err" ||
    die "$name ended with status $?: $(head -c 1000 "$work/$name.err")"
}

rm -rf "${work:?}"/{tree,live,node,image}
node "$here/generate.js" "$work" "$seed" "$count" || die "no sequences"
cp -a "$work/tree" "$work/live"
cp -a "$work/tree" "$work/node"
# What this node gets wrong itself it cannot judge.
rm -rf "$work/ask" && mkdir "$work/ask"
habits=$(node "$here/oracle.js" "$module" "$work/ask") || die "node does not answer"
judge=true
case $habits in *'"countsNulOfLinks":true'* | *'"followsFromWrongDirectory":true'*) judge=false ;; esac
[ "$judge" = false ] || perform node node --no-warnings "$here/node.js" "$module" "$work/program" "$work/node"
perform live "$ingot" run --timeout 250 --dir "$work/live::/" "$module"
"$ingot" build -o "$work/image" --dir "$work/tree::/" "$module" || die "no image"
perform ram "$ingot" run --timeout 250 "$work/image/app.bin"

status=0
if [ "$judge" = true ]; then
  echo "live host directory against node:"
  node "$here/compare.js" node "$work/program" "$work/live.out" "$work/node.out" --habits="$habits" "$@" || status=1
fi
echo "live host directory against RAM:"
node "$here/compare.js" ram "$work/program" "$work/live.out" "$work/ram.out" "$@" || status=1
# What the guest saw of its directory at the end is what the host has.
echo "final tree, seen from the host:"
node "$here/tree.js" "$work/program" "$work/live.out" "$work/live" || status=1
if [ "$status" = 0 ] && [ "$judge" = false ]; then
  echo "SKIPPED: not compared with node $(node -p process.versions.node), whose WASI has known faults: $habits"
  exit 77
fi
exit $status
