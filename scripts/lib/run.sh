# SPDX-License-Identifier: MIT
# Running: the cast image under QEMU, with the module's streams in place of QEMU's.
# shellcheck shell=bash

# shellcheck source=scripts/lib/build.sh
. "$root/scripts/lib/build.sh"

# Samples a second of --profile; no divisor of common periods.
PROFILE_RATE=997

# QEMU hands over no more than this (FDT and firmware copies included).
APPEND_MAX=8000

# The boot-argument encoding of kernel/core/bootargs.h.
encode() {
  local LC_ALL=C text=$1 out= c i
  if [ -z "$text" ]; then
    printf '%%'
    return
  fi
  case $text in
    *[!A-Za-z0-9_./:=,@+-]*) ;;
    *)
      printf '%s' "$text"
      return
      ;;
  esac
  for ((i = 0; i < ${#text}; i++)); do
    c=${text:i:1}
    case $c in
      [A-Za-z0-9_./:=,@+-]) out+=$c ;;
      *)
        printf -v c %d "'$c"
        printf -v c '%%%02x' $((c & 255)) # bytes from 128 come out negative
        out+=$c
        ;;
    esac
  done
  printf '%s' "$out"
}

ingot_run() {
  local module= argv0= invoke= isa=default unknown=error verbose= log_shown= bake= shift_by=1
  local mem=128M timeout= timeout_ms= profile= print_cmd= unfolded=() env=() args=() boot_args=() dirs=() image_dir=
  local preloads=() hosts=() image_options=()
  while [ $# -gt 0 ]; do
    unfold "$@"
    set -- "${unfolded[@]}"
    if parse_flag "$@"; then
      shift "$shift_by"
      continue
    fi
    case $1 in
      --mem | --dir | --profile)
        [ $# -ge 2 ] || die "$1 needs a value"
        ;;&
      --mem)
        [[ $2 =~ ^[0-9]+[KMGkmg]?$ ]] || die "--mem: \`$2\` is not a size such as 64M"
        mem=$2
        shift 2
        ;;
      --profile)
        profile=$2
        # Now, not after a long run.
        : 2>/dev/null >"$profile" || die "--profile: cannot write $profile"
        boot_args+=("ingot.profile=$PROFILE_RATE")
        shift 2
        ;;
      --dir)
        [ -d "${2%%::*}" ] || die "--dir: ${2%%::*} is not a directory"
        dirs+=("$2")
        shift 2
        ;;
      --print-cmd)
        print_cmd=1
        shift
        ;;
      --help) . "$root/scripts/lib/help.sh" && ingot_help run && exit 0 ;;
      --) shift && break ;;
      -*) die "unknown flag \`$1\`; see \`ingot help run\`" ;;
      *) break ;;
    esac
  done
  [ $# -gt 0 ] || die "no module given; see \`ingot help run\`"
  module=$1
  shift
  [ "${1:-}" != -- ] || shift
  args=("$@")

  local qemu machine=() given= guest_timeout= kind
  qemu=$(command -v "${INGOT_QEMU:-qemu-system-riscv64}" || true)
  [ ${#args[@]} = 0 ] && [ ${#env[@]} = 0 ] && [ -z "$argv0" ] || given=1
  case $module in
    *.img | *.elf | *.bin)
      [ -z "${debugging:-}" ] || die "debug takes a module (.wasm, .wat); an image is attached to by hand (docs/debugging.md)"
      [ -f "$module" ] || die "$module: no such file"
      ensure_sdk
      # A machine that is given anything else hangs without a word.
      kind=$("$build/toolchain/ingot-pack" kind "$module" 2>&1) || die "${kind#ingot-pack: }"
      [ "$kind" = "${module##*.}" ] || die "$module: this is an image of the kind .$kind; rename it"
      ;;
    *)
      image_options+=(TIMER ${debugging:+DEBUG})
      if [ -n "$timeout" ]; then
        boot_args+=("ingot.timeout=$timeout_ms")
        guest_timeout=1 # the machine is ended from outside only when that fails
      fi
      cast "$module"
      ;;
  esac
  [ -n "$qemu" ] || qemu=$(command -v "${INGOT_QEMU:-qemu-system-riscv64}") || die "no qemu-system-riscv64; run scripts/setup"

  case $module in
    *.img)
      [ -z "$given" ] && [ ${#dirs[@]} = 0 ] && [ ${#boot_args[@]} = 0 ] && [ -z "$invoke" ] ||
        die "$module: a single image has its arguments baked in; give them to \`ingot build\`, or run the .elf or .bin"
      machine=(-bios "$module")
      ;;
    *)
      local kernel=$module
      case $module in *.elf | *.bin) ;; *) kernel=$image_dir/app.bin ;; esac
      machine=(-bios "$build/firmware/platform/generic/firmware/fw_jump.bin" -kernel "$kernel")
      build_append "$module"
      machine+=(-append "$append")
      ;;
  esac
  local log
  log=$(mktemp)
  # shellcheck disable=SC2064
  trap "rm -f '$log'" EXIT
  local command=("$build/toolchain/vmrun" ${timeout:+--timeout "$timeout"} ${guest_timeout:+--grace 5} "$qemu" -M virt -m "$mem"
    -display none -serial "file:$log" -monitor none -no-reboot
    -global virtio-mmio.force-legacy=false "${machine[@]}" "${shares[@]}")
  if [ -n "$print_cmd" ]; then
    printf '%q ' "${command[@]}"
    echo
    return
  fi
  local status=0
  if [ -n "${debugging:-}" ]; then
    debug_machine "${command[@]}" || status=$?
  else
    "${command[@]}" || status=$?
  fi
  [ -z "$profile" ] || write_profile "$log" "$profile"
  # Before its devices are up the kernel can neither reach stderr nor give a status.
  if [ "$status" = 0 ] && grep -aq '^ingot: fatal: ' "$log"; then status=$EXIT_START; fi
  # What the kernel said belongs to the user only when asked for, or when it is the kernel's fault.
  if [ -n "$verbose" ] || [ "$status" = 133 ] || [ "$status" = 126 ]; then
    tr -d '\r' <"$log" >&2
  elif [ -n "$log_shown" ]; then
    tr -d '\r' <"$log" | grep -aE '^ingot: (error|warning|info|debug|trace): ' >&2 || true
  fi
  exit "$status"
}

# Equal stacks counted, as flamegraph tools want them: "outer;inner COUNT".
write_profile() {
  local lost
  tr -d '\r' <"$1" | sed -n 's/^ingot: profile: //p' | LC_ALL=C sort | uniq -c |
    sed 's/^ *\([0-9]*\) \(.*\)/\2 \1/' >"$2"
  lost=$(tr -d '\r' <"$1" | sed -n 's/^ingot: profile lost: //p')
  [ -z "$lost" ] || printf 'ingot: --profile: no room for the last %s samples\n' "$lost" >&2
}

# Boot arguments for this run, in $append; QEMU's arguments for shared directories, in $shares.
shares=()
build_append() {
  local word tty= n=0 tag host guest
  append=
  for n in 0 1 2; do [ ! -t "$n" ] || tty+=$n; done
  append="ingot.tty=$tty"
  n=0
  for word in "${dirs[@]}"; do
    guest=${word##*::}
    tag=ingot$n
    host=${word%%::*}
    shares+=(-fsdev "local,id=fs$n,path=${host//,/,,},security_model=none,multidevs=remap"
      -device "virtio-9p-device,fsdev=fs$n,mount_tag=$tag")
    append+=" ingot.mount=$tag:$(encode "$guest")"
    n=$((n + 1))
  done
  [ -z "$invoke" ] || append+=" ingot.invoke=$(encode "$invoke")"
  for word in "${boot_args[@]}"; do append+=" $(encode "$word")"; done
  for word in "${env[@]}"; do append+=" env.$(encode "$word")"; done
  case $1 in
    # An image's own arguments stay unless the command line has some.
    *.elf | *.bin) [ ${#args[@]} -gt 0 ] || [ -n "$argv0" ] || return 0 ;;
  esac
  append+=" -- $(encode "${argv0:-$(basename "$1")}")"
  for word in "${args[@]}"; do append+=" $(encode "$word")"; done
  [ ${#append} -le $APPEND_MAX ] ||
    die "arguments and environment are ${#append} bytes in boot-argument form; QEMU passes on $APPEND_MAX"
}
