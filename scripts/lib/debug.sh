# SPDX-License-Identifier: MIT
# Debugging: the machine stopped before its first instruction, and gdb attached to it.
# shellcheck shell=bash

# shellcheck source=scripts/lib/run.sh
. "$root/scripts/lib/run.sh"

ingot_debug() {
  gdb_batch=
  case ${1:-} in
    --help) . "$root/scripts/lib/help.sh" && ingot_help debug && exit 0 ;;
    --batch)
      [ $# -ge 2 ] || die "--batch needs a file of gdb commands"
      [ -f "$2" ] && [ -r "$2" ] || die "--batch: $2: not a readable file"
      gdb_batch=$(readlink -f "$2")
      shift 2
      ;;
    --batch=*)
      ingot_debug --batch "${1#*=}" "${@:2}"
      return
      ;;
  esac
  command -v gdb-multiarch >/dev/null || die "no gdb-multiarch; run scripts/setup --tests, or: apt-get install gdb-multiarch"
  debugging=1
  ingot_run "$@"
}

# The init file: symbols, the connection, the commands of scripts/gdb/ingot.py.
write_gdb_init() {
  local elf=$1 socket=$2 names=$3
  printf '%s\n' "set pagination off" "set confirm off" "set architecture riscv:rv64" \
    "file \"$elf\"" "directory $image_dir/app.dir" "set \$ingot_names = \"$names\"" "source $root/scripts/gdb/ingot.py" \
    "target remote $socket"
  # Where there is the original source, steps do not enter the helpers of the generated C.
  if cat "$image_dir"/app.dir/module-*.lines | grep -q .; then
    printf '%s\n' "skip -gfi module-*"
  fi
}

# debug_machine COMMAND...: runs QEMU stopped, and gdb; then waits for the machine. Answers its status.
debug_machine() {
  local work elf=$image_dir/app.elf sources=() gdb=() status=0 qemu_pid i
  work=$(mktemp -d)
  for ((i = 0; ; i++)); do
    if [ -e "$image_dir/app.dir/module-$i-impl.h" ]; then
      sources+=(--source "$image_dir/app.dir/module-$i-impl.h")
    elif [ -e "$image_dir/app.dir/module-$i.c" ]; then
      sources+=(--source "$image_dir/app.dir/module-$i.c")
    else
      break
    fi
  done
  "$build/toolchain/ingot-symbols" --list --elf "$elf" --plan "$image_dir/app.dir/symbols.txt" \
    "${sources[@]}" -o "$work/names" || exit $EXIT_START
  write_gdb_init "$elf" "$work/gdb" "$work/names" >"$work/init"
  gdb=(gdb-multiarch -q -nx -x "$work/init")
  [ -z "$gdb_batch" ] || gdb=(gdb-multiarch -q -nx -batch -x "$work/init" -x "$gdb_batch")
  printf 'ingot: %s\n' "${gdb[*]}" >&2
  "$@" -S -gdb "unix:$work/gdb,server=on,wait=off" </dev/null &
  qemu_pid=$!
  for ((i = 0; i < 100; i++)); do
    [ ! -S "$work/gdb" ] || break
    kill -0 "$qemu_pid" 2>/dev/null || break
    sleep 0.05
  done
  "${gdb[@]}" || status=$?
  # gdb's end leaves the module running to its own; an interactive one may have killed it.
  [ "$status" = 0 ] || kill "$qemu_pid" 2>/dev/null || true
  wait "$qemu_pid" || status=$?
  rm -rf "$work"
  return "$status"
}
