#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh ROOT WABT INSPECT MEND CLANG MARK OUT: translates mended.wat, mends it twice (the second
# time must change nothing), in one file and in several, and runs what came out natively. Again with a
# mark of a source line at each instruction (mark_all.c): they must change nothing, and keep their order.
set -eu
root=$1 wabt=$2 inspect=$3 mend=$4 clang=$5 mark=$6 out=$7
here=$root/tests/host/inspect/mended
tool=$root/toolchain/wasm2c/wabt.sh

for variant in 1 3 1-marked 3-marked; do
  outputs=${variant%-marked}
  dir=$out/$variant
  rm -rf "$dir"
  mkdir -p "$dir"
  "$tool" "$wabt" wat2wasm --enable-all "$here/mended.wat" -o "$dir/mended.wasm"
  "$inspect" plan --out "$dir" mended="$dir/mended.wasm"
  flags=$(grep -v '^#' "$dir/plan.txt" | cut -f5)
  set --
  [ "$outputs" = 1 ] || set -- --num-outputs="$outputs"
  : >"$dir/module-0.lines"
  [ "$variant" = "$outputs" ] || "$mark" "$dir/mended.wasm" "$dir/mended.wasm" "$dir/module-0.lines"
  # shellcheck disable=SC2086
  "$tool" "$wabt" wasm2c $flags "$@" -n mended "$dir/mended.wasm" -o "$dir/module-0.c"
  if [ "$outputs" = 1 ]; then
    set -- "$dir/module-0.c"
  else
    set -- "$dir/module-0-impl.h" "$dir"/module-0_[0-9]*.c
  fi
  "$mend" --lines "$dir/module-0.lines" "$@"
  cat "$@" >"$dir/once"
  "$mend" --lines "$dir/module-0.lines" "$@"
  cat "$@" >"$dir/twice"
  cmp "$dir/once" "$dir/twice"
  # A function's own line is 100000 or more, those of its instructions count up.
  awk '$1 != "#line" || $3 != "\"/src/all.wat\"" { next }
    $2 >= 100000 { last = 0; functions++; next }
    $2 < last { print "marks out of order: " $2 " behind " last; bad = 1 }
    { last = $2; lines++ }
    END { exit bad || (marked && (functions < 10 || lines < 100)) }' \
    marked="$([ "$variant" = "$outputs" ] || echo 1)" "$@"
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
