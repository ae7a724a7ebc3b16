#!/bin/sh
# SPDX-License-Identifier: MIT
# translate.sh WABT MEND DIR INDEX PARTS
# Translates one module of the plan in DIR (the INDEX-th, from 0) to C and mends it: module-INDEX.c
# alone, or module-INDEX-impl.h and module-INDEX_0.c ... for several PARTS, and module-INDEX.h.
# INGOT_WASM2C names another wasm2c.
set -eu
wabt=$1 mend=$2 dir=$3 base=module-$4 parts=$5
here=$(dirname "$0")
case $here in /*) ;; *) here=$PWD/$here ;; esac

# The plan knows the module's C symbol and, where wasm2c must read another form of it, the file.
tab=$(printf '\t')
IFS=$tab read -r symbol _ _ _ flags mend_flags file <"$dir/$base.plan"
[ "$flags" != - ] || flags=
[ "$mend_flags" != - ] || mend_flags=

cd "$dir"
set -- "$file" -n "$symbol" -o "$base.c"
[ "$parts" = 1 ] || set -- "$@" --num-outputs="$parts"
status=0
if [ -n "${INGOT_WASM2C:-}" ]; then
  "$INGOT_WASM2C" "$@" >"$base.log" 2>&1 || status=$?
else
  # shellcheck disable=SC2086
  "$here/wabt.sh" "$wabt" wasm2c $flags "$@" >"$base.log" 2>&1 || status=$?
fi
if [ "$status" != 0 ]; then
  # wabt colours its messages, and node adds the whole program to a crash.
  reason=$(sed 's/\x1b\[[0-9;]*m//g' "$base.log" | cut -c1-200 | grep -a -m1 -E 'error:|RuntimeError' || true)
  echo "error: module \`$symbol\`: wasm2c cannot translate it: ${reason:-it ended with status $status}" >&2
  exit 1
fi
# shellcheck disable=SC2086
if [ "$parts" = 1 ]; then
  "$mend" $mend_flags --lines "$base.lines" "$base.c"
else
  "$mend" $mend_flags --lines "$base.lines" "$base-impl.h" "${base}"_[0-9]*.c
fi
