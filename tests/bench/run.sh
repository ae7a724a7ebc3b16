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

# measure ISA KIND NAME: a line for the program: ISA KIND NAME AOT NATIVE AOT-CODE NATIVE-CODE; for
# `calls` one a call: ISA cost NAME SPENT.
measure() {
  local isa=$1 kind=$2 name=$3 dir=$images prefix=bench native_suffix=o status=0 verdict what aot native sums
  if [ "$kind" = whole ]; then
    dir=$images/whole prefix=whole native_suffix=bare
  fi
  local image=$dir/$prefix-$isa-$name
  "$vmrun" --timeout 300 "$qemu" -icount shift=0 -M virt -m 256M -display none \
    -serial "file:$work/console" -monitor none -no-reboot \
    -global virtio-mmio.force-legacy=false -bios "$firmware" \
    -kernel "$image.bin" -append ingot.seed=1 </dev/null >"$work/stdout" || status=$?
  # The zeroes that calls.c writes are not of the report.
  tr -d "\0" <"$work/stdout" >"$work/report"
  while read -r verdict what aot native sums; do
    if [ "$verdict" = cost ]; then
      echo "$isa cost $what $aot"
      continue
    fi
    if [ "$verdict" != ok ]; then
      echo "bench: $isa: $what: wrong checksums: $sums" >&2
      return 1
    fi
    echo "$isa $kind $what $aot $native" "$(code_size "$image.dir/module-0"[._]*c.o)" \
      "$(code_size "$dir/native-$isa/$what.$native_suffix")"
  done <"$work/report"
  if [ "$status" != 0 ] || [ ! -s "$work/report" ]; then
    echo "bench: $isa: $name: the image ended with status $status" >&2
    tr -d '\r' <"$work/console" >&2
    return 1
  fi
}

for isa in "${isas[@]}"; do
  for kind in "${kinds[@]}"; do
    names="$programs calls"
    [ "$kind" = programs ] || names=$whole
    for name in $names; do
      measure "$isa" "$kind" "$name"
    done
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
