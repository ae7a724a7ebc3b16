#!/bin/bash
# SPDX-License-Identifier: MIT
# Boots the bench images under -icount and holds the figures against the budget.
#
#     run.sh CONFIG [--isa default|base] [--only programs|whole] [--json FILE] [--markdown FILE]
#
# --only runs the programs of tests/bench/programs, or the whole programs. --json writes the figures,
# --markdown puts the tables between the marks of a document. Exits 0 when every checksum is right and
# no figure is above its budget, 77 when nothing could be run.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { sed -n '3,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
# shellcheck source=/dev/null
. "$1"
shift
isas=(default base) kinds=(programs whole) json= markdown=
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || { echo "run.sh: $1 needs a value" >&2; exit 2; }
  case $1 in
    --isa) isas=("$2") ;;
    --only) kinds=("$2") ;;
    --json) json=$2 ;;
    --markdown) markdown=$2 ;;
    *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

# A page of part of the figures would not say that the others are gone.
if [ -n "$markdown" ] && [ "${#isas[@]} ${#kinds[@]} ${whole:+whole}" != "2 2 whole" ]; then
  echo "run.sh: --markdown needs all figures, of both ISAs and of the whole programs" >&2
  exit 2
fi
if [ -z "$whole" ]; then
  if [ "${kinds[*]}" = whole ]; then
    echo "SKIPPED: the sources of the whole programs are not there; scripts/setup --tests fetches them"
    exit 77
  fi
  [ "${kinds[*]}" = programs ] ||
    echo "bench: without the whole programs, whose sources are not there; scripts/setup --tests fetches them" >&2
  kinds=(programs)
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Bytes of code in some objects.
code_size() {
  "$size" -A "$@" | awk '$1 ~ /^\.text/ { sum += $2 } END { print sum + 0 }'
}

# place NAME NAMES...: where a name is in a list, from 0. The pipeline names the objects of a module's
# C by its place.
place() {
  local name=$1 n=0
  shift
  while [ "$1" != "$name" ]; do
    n=$((n + 1))
    shift
  done
  echo $n
}

# measure ISA KIND: one line a program: ISA KIND NAME AOT NATIVE AOT-CODE NATIVE-CODE; one a call:
# ISA cost NAME SPENT.
measure() {
  local isa=$1 kind=$2 image native_suffix names status=0 verdict name aot native sums
  case $kind in
    programs) image=$images/bench-$isa names=$programs native_suffix=o ;;
    whole) image=$images/whole/whole-$isa names=$whole native_suffix=bare ;;
  esac
  "$vmrun" --timeout 300 "$qemu" -icount shift=0 -M virt -m 256M -display none \
    -serial "file:$work/console" -monitor none -no-reboot \
    -global virtio-mmio.force-legacy=false -bios "$firmware" \
    -kernel "$image.bin" -append ingot.seed=1 </dev/null >"$work/stdout" || status=$?
  # The zeroes that calls.c writes are not of the report.
  tr -d "\0" <"$work/stdout" >"$work/$isa"
  while read -r verdict name aot native sums; do
    if [ "$verdict" = cost ]; then
      echo "$isa cost $name $aot"
      continue
    fi
    if [ "$verdict" != ok ]; then
      echo "bench: $isa: $name: wrong checksums: $sums" >&2
      return 1
    fi
    # shellcheck disable=SC2086
    echo "$isa $kind $name $aot $native" \
      "$(code_size "$image.dir/module-$(place "$name" $names)"[._]*c.o)" \
      "$(code_size "$(dirname "$image")/native-$isa/$name.$native_suffix")"
  done <"$work/$isa"
  if [ "$status" != 0 ]; then
    echo "bench: $isa: the image ended with status $status" >&2
    tr -d '\r' <"$work/console" >&2
    return 1
  fi
}

for isa in "${isas[@]}"; do
  for kind in "${kinds[@]}"; do
    measure "$isa" "$kind"
  done
done >"$work/figures"

status=0
awk -v form=text -f "$here/report.awk" "$here/budget" "$work/figures" || status=$?
[ -z "$json" ] || awk -v form=json -f "$here/report.awk" "$here/budget" "$work/figures" >"$json" || true
if [ -n "$markdown" ]; then
  awk -v form=markdown -f "$here/report.awk" "$here/budget" "$work/figures" >"$work/tables" || true
  awk -v tables="$work/tables" '
    /^<!-- bench: / { print; while ((getline line < tables) > 0) print line; skip = 1; next }
    /^<!-- end of bench/ { skip = 0 }
    !skip' "$markdown" >"$work/document"
  cp "$work/document" "$markdown"
fi
exit $status
