# SPDX-License-Identifier: MIT
# What the bytes of an image are: by module, by room of the kernel, and the largest functions.
# shellcheck shell=bash

ingot_size() {
  local top=20 elf=
  while [ $# -gt 0 ]; do
    case $1 in
      --top)
        [ $# -ge 2 ] || die "--top needs a value"
        case $2 in "" | *[!0-9]*) die "--top needs a number, not \`$2\`" ;; esac
        top=$2
        shift 2
        ;;
      --top=*)
        set -- --top "${1#*=}" "${@:2}"
        ;;
      --help) . "$root/scripts/lib/help.sh" && ingot_help size && exit 0 ;;
      -*) die "unknown flag \`$1\`; see \`ingot help size\`" ;;
      *)
        [ -z "$elf" ] || die "one image at a time; see \`ingot help size\`"
        elf=$1
        shift
        ;;
    esac
  done
  [ -n "$elf" ] || die "no image given; see \`ingot help size\`"
  [ -f "$elf" ] && [ -r "$elf" ] || die "$elf: no such file"
  [ "$(head -c 4 "$elf" | od -An -tx1 | tr -d ' \n')" = 7f454c46 ] ||
    die "$elf: not an ELF file; the sizes are read from app.elf"
  ensure_sdk
  local nm=llvm-nm-19 objects=$build/guest/default/CMakeFiles
  {
    # Which room a symbol of the kernel or its libraries is from, and at which level it may be: room,
    # level, name, kind, address, size.
    (cd "$objects" && find . -name '*.obj' -print | sort | while IFS= read -r object; do
      "$nm" --format=posix --radix=d -S "$object" |
        awk -v room="$(room_of "$object")" -v level="$(level_of "$object")" '{ print "room", room, level, $0 }'
    done)
    "$nm" --format=sysv --radix=d "$elf" |
      awk -F '|' 'NF == 7 { gsub(/ /, ""); print "symbol", $1, $3, $2, $5 + 0, $7 }'
    llvm-size-19 -A --radix=10 "$elf" | awk '$1 ~ /^\./ && NF == 3 { print "section", $1, $2 }'
  } | awk -v top="$top" -f "$root/scripts/lib/size.awk"
}

# Who an object is linked to, from its path below CMakeFiles: the modules, the kernel, or either.
level_of() {
  case $1 in
    ./user.dir/*) echo user ;;
    ./pico.dir/*) echo both ;;
    *) echo kernel ;;
  esac
}

# The room of an object.
room_of() {
  local dir=${1%/*}
  case $1 in
    ./pico.dir/*) echo libc ;;
    ./fdt.dir/*) echo libfdt ;;
    *)
      case $dir in
        */mm) echo mm ;;
        */hal/*) echo hal ;;
        *) echo "kernel/${dir##*/}" ;;
      esac
      ;;
  esac
}
