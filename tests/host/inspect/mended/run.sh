#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh ROOT WABT INSPECT MEND CLANG OUT: translates mended.wat, mends it twice (the second time
# must change nothing), in one file and in several, and runs what came out natively.
set -eu
root=$1 wabt=$2 inspect=$3 mend=$4 clang=$5 out=$6
here=$root/tests/host/inspect/mended
tool=$root/toolchain/wasm2c/wabt.sh

for outputs in 1 3; do
  dir=$out/$outputs
  rm -rf "$dir"
  mkdir -p "$dir"
  "$tool" "$wabt" wat2wasm --enable-all "$here/mended.wat" -o "$dir/mended.wasm"
  "$inspect" plan --out "$dir" mended="$dir/mended.wasm"
  flags=$(grep -v '^#' "$dir/plan.txt" | cut -f5)
  set --
  [ "$outputs" = 1 ] || set -- --num-outputs="$outputs"
  # shellcheck disable=SC2086
  "$tool" "$wabt" wasm2c $flags "$@" -n mended "$dir/mended.wasm" -o "$dir/module-0.c"
  if [ "$outputs" = 1 ]; then
    set -- "$dir/module-0.c"
  else
    set -- "$dir/module-0-impl.h" "$dir"/module-0_[0-9]*.c
  fi
  "$mend" "$@"
  cat "$@" >"$dir/once"
  "$mend" "$@"
  cat "$@" >"$dir/twice"
  cmp "$dir/once" "$dir/twice"
  sources=
  for file in "$@"; do
    case $file in *.c) sources="$sources $file" ;; esac
  done
  # shellcheck disable=SC2086
  "$clang" -std=gnu17 -O1 -g -w -fsanitize=address -fno-omit-frame-pointer -ffp-contract=off \
    -I"$root" -I"$root/kernel/wasm" -I"$dir" -include "$dir/module-0.link.h" \
    "$here/main.c" $sources -lm -o "$dir/mended"
  "$dir/mended"
done
