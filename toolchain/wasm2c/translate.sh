#!/bin/sh
# SPDX-License-Identifier: MIT
# translate.sh WABT MEND MODULE.wasm NAME OUT.c PARTS FILE-TO-MEND
# One module to C: wasm2c, then the mending step. INGOT_WASM2C names another wasm2c.
set -eu
wabt=$1 mend=$2 module=$3 name=$4 out=$5 parts=$6 mended=$7
features="--enable-exceptions --enable-tail-call --enable-memory64 --enable-multi-memory
  --enable-extended-const --enable-custom-page-sizes"

# The mended file is written last and in one piece, so that an interrupted run starts over.
rm -f "$mended"
set -- "$module" -n "$name" -o "$out"
[ "$parts" = 1 ] || set -- "$@" --num-outputs="$parts"
if [ -n "${INGOT_WASM2C:-}" ]; then
  # Newer versions have these features on, and no flags for some of them.
  "$INGOT_WASM2C" "$@" >"$out.log" 2>&1 || status=$?
else
  # shellcheck disable=SC2086
  "$(dirname "$0")/wabt.sh" "$wabt" wasm2c $features "$@" >"$out.log" 2>&1 || status=$?
fi
if [ "${status:-0}" != 0 ]; then
  # wabt colours its messages, and node adds the whole program to a crash.
  reason=$(sed 's/\x1b\[[0-9;]*m//g' "$out.log" | cut -c1-200 | grep -m1 -E 'error:|RuntimeError' || true)
  echo "error: module \`$name\`: wasm2c cannot translate it: ${reason:-it ended with status $status}" >&2
  exit 1
fi
exec "$mend" "$mended"
