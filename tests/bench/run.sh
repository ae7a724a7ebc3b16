#!/bin/bash
# SPDX-License-Identifier: MIT
# Boots the bench images under -icount and holds the figures against the budget.
#
#     run.sh CONFIG [--isa default|base] [--json FILE] [--markdown FILE]
#
# --json writes the figures, --markdown puts the tables between the marks of a document. Exits 0 when
# every checksum is right and no figure is above its budget.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { sed -n '3,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
# shellcheck source=/dev/null
. "$1"
shift
isas=(default base) json= markdown=
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || { echo "run.sh: $1 needs a value" >&2; exit 2; }
  case $1 in
    --isa) isas=("$2") ;;
    --json) json=$2 ;;
    --markdown) markdown=$2 ;;
    *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Bytes of code in an object.
code_size() {
  "$size" -A "$1" | awk '$1 ~ /^\.text/ { sum += $2 } END { print sum + 0 }'
}

# The object of a program's C: the pipeline names them by the modules' places.
module_object() {
  local isa=$1 name=$2 place=0 program
  for program in $programs; do
    [ "$program" != "$name" ] || break
    place=$((place + 1))
  done
  echo "$images/bench-$isa.dir/module-$place.c.o"
}

# One line a program: ISA NAME AOT NATIVE AOT-CODE NATIVE-CODE; one a call: ISA cost NAME SPENT.
measure() {
  local isa=$1 status=0 verdict name aot native sums
  "$vmrun" --timeout 300 "$qemu" -icount shift=0 -M virt -m 256M -display none \
    -serial "file:$work/console" -monitor none -no-reboot \
    -global virtio-mmio.force-legacy=false -bios "$firmware" \
    -kernel "$images/bench-$isa.bin" -append ingot.seed=1 </dev/null >"$work/stdout" || status=$?
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
    echo "$isa $name $aot $native $(code_size "$(module_object "$isa" "$name")")" \
      "$(code_size "$images/native-$isa/$name.o")"
  done <"$work/$isa"
  if [ "$status" != 0 ]; then
    echo "bench: $isa: the image ended with status $status" >&2
    tr -d '\r' <"$work/console" >&2
    return 1
  fi
}

for isa in "${isas[@]}"; do
  measure "$isa"
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
