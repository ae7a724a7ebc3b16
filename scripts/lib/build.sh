# SPDX-License-Identifier: MIT
# Casting: one small CMake project for each module and set of options, kept in the cache, that calls
# ingot_add_image(). A second build of the same thing finds it there.
# shellcheck shell=bash

# A CMake bracket argument: no character inside has a meaning.
cmake_quote() {
  printf '[=====[%s]=====]' "$1"
}

check_module() {
  local module=$1
  [ -e "$module" ] || die "$module: no such file"
  [ -f "$module" ] && [ -r "$module" ] || die "$module: not a readable file"
  case $module in
    *.wat) ;;
    *)
      # The magic number; what follows is the inspector's to judge.
      [ "$(head -c 4 "$module" | od -An -tx1 | tr -d ' \n')" = 0061736d ] ||
        die "$module: not a WebAssembly module (no \\0asm at its start; text modules end in .wat)"
      ;;
  esac
}

# FLAG=VALUE and -WVALUE as two words in $unfolded; everything else as it is.
unfold() {
  case ${1:-} in
    --env=* | --argv0=* | --invoke=* | --isa=* | --boot-arg=* | --mem=* | --timeout=* | --dir=* | --json=* | \
      --preload=* | --host=* | --max-memory=* | --stack-size=* | --profile=* | --log=*)
      unfolded=("${1%%=*}" "${1#*=}" "${@:2}")
      ;;
    -W?*) unfolded=(-W "${1#-W}" "${@:2}") ;;
    *) unfolded=("$@") ;;
  esac
}

# bytes FLAG SIZE: a size such as 64K or 1M, in bytes.
bytes() {
  local unit=1
  case $2 in
    *[Kk]) unit=1024 ;;
    *[Mm]) unit=1048576 ;;
    *[Gg]) unit=1073741824 ;;
  esac
  [[ $2 =~ ^[0-9]{1,9}[KMGkmg]?$ ]] || die "$1: \`$2\` is not a size such as 64M"
  echo $((10#${2%[KMGkmg]} * unit))
}

# parse_flag FLAG VALUE: options that run and build share; sets shift_by. False: not one of them.
parse_flag() {
  shift_by=2
  case $1 in
    --env | --argv0 | --invoke | --isa | --boot-arg | --preload | --host | --timeout | --max-memory | \
      --stack-size | --log | -W)
      [ $# -ge 2 ] || die "$1 needs a value"
      ;;
  esac
  case $1 in
    --env)
      case $2 in
        =*) die "--env: \`$2\` has no name" ;;
        *=*) env+=("$2") ;;
        "") die "--env needs NAME[=VALUE]" ;;
        *)
          # What the host does not have stays unset, as with wasmtime. The x keeps final newlines.
          local value
          if value=$(printenv -- "$2" && printf x); then env+=("$2=${value%$'\nx'}"); fi
          ;;
      esac
      ;;
    --argv0) argv0=$2 ;;
    --timeout)
      # At least a millisecond, which is what the kernel counts.
      [[ $2 =~ ^[0-9]+(\.[0-9]+)?s?$ ]] && LC_ALL=C printf -v timeout_ms '%.0f' "${2%s}e3" && [ "$timeout_ms" != 0 ] ||
        die "--timeout: \`$2\` is not a number of seconds"
      timeout=${2%s}
      ;;
    --max-memory)
      boot_args+=("ingot.memory=$(bytes --max-memory "$2")") || exit $EXIT_START
      ;;
    --stack-size)
      boot_args+=("ingot.stack=$(bytes --stack-size "$2")") || exit $EXIT_START
      ;;
    --log)
      boot_args+=("ingot.log=$2")
      image_options+=(LOG)
      log_shown=1
      ;;
    --strace | --strace=*)
      case $1 in
        --strace) boot_args+=(ingot.strace=1) ;;
        --strace=summary) boot_args+=(ingot.strace=summary) ;;
        *) die "--strace takes no value but \`summary\`" ;;
      esac
      image_options+=(STRACE)
      shift_by=1
      ;;
    --invoke) invoke=$2 ;;
    --isa)
      case $2 in default | base) isa=$2 ;; *) die "--isa is default or base, not \`$2\`" ;; esac
      ;;
    --boot-arg) boot_args+=("$2") ;;
    --host)
      [ -f "$2" ] && [ -r "$2" ] || die "--host: $2: not a readable file"
      hosts+=("$(readlink -f "$2")")
      ;;
    --preload)
      case $2 in
        =* | *=) die "--preload needs NAME=MODULE, not \`$2\`" ;;
        *=*) ;;
        *) die "--preload needs NAME=MODULE, not \`$2\`" ;;
      esac
      case ${2%%=*} in
        *[\;\\]* | *$'\n'*) die "--preload: the name \`${2%%=*}\` holds a semicolon, a backslash or a newline" ;;
      esac
      preloads+=("$2")
      ;;
    -W)
      local option
      for option in ${2//,/ }; do
        case $option in
          unknown-imports-trap | unknown-imports-trap=y) unknown=trap ;;
          unknown-imports-default | unknown-imports-default=y) unknown=default ;;
          timeout=* | max-memory-size=* | max-wasm-stack=*)
            # wasmtime's other names for them
            case $option in
              timeout=*) parse_flag --timeout "${option#*=}" ;;
              max-memory-size=*) parse_flag --max-memory "${option#*=}" ;;
              *) parse_flag --stack-size "${option#*=}" ;;
            esac
            shift_by=2
            ;;
          unknown-imports-trap=n | unknown-imports-default=n) unknown=error ;;
          *) die "-W: unknown option \`$option\`; there are unknown-imports-trap=y, unknown-imports-default=y, timeout=SECONDS, max-memory-size=BYTES and max-wasm-stack=BYTES" ;;
        esac
      done
      ;;
    --no-names)
      image_options+=(NO_NAMES)
      shift_by=1
      ;;
    --no-lines)
      image_options+=(NO_LINES)
      shift_by=1
      ;;
    --large-memory)
      image_options+=(LARGE_MEMORY)
      shift_by=1
      ;;
    -v)
      verbose=1
      shift_by=1
      ;;
    *) return 1 ;;
  esac
}

# The file for CMake: its lists cannot hold a semicolon.
listable() {
  local link
  case $2 in
    *";"*)
      link=$1.${2##*.}
      ln -sfn "$2" "$link"
      printf '%s' "$link"
      ;;
    *) printf '%s' "$2" ;;
  esac
}

# Casts $1 with the options in the variables; leaves the directory of the result in $image_dir.
# Arguments and environment are baked in only when $bake is set. $image_options: words for
# ingot_add_image() that take no value.
cast() {
  local module key spec i names=() files=()
  check_module "$1"
  module=$(readlink -f "$1")
  names=("$(module_name "$module")")
  files=("$module")
  for spec in "${preloads[@]}"; do
    check_module "${spec#*=}"
    for i in "${!names[@]}"; do
      [ "${names[i]}" != "${spec%%=*}" ] ||
        die "two modules are named \`${spec%%=*}\`: ${files[i]} and ${spec#*=}"
    done
    names+=("${spec%%=*}")
    files+=("$(readlink -f "${spec#*=}")")
  done
  ensure_sdk
  key=$(printf '%s\0' "$root" "$build" "${names[@]}" "${files[@]}" "--" "${hosts[@]}" "$isa" "$unknown" "${invoke:+exports}" "$bake" \
    "${image_options[@]}" "--" \
    ${bake:+"$invoke" "$argv0" "${env[@]}" "--" "${args[@]}" "--" "${boot_args[@]}" "--" "${dirs[@]}"} |
    sha256sum | cut -c1-20)
  local dir=$cache/images/$key
  image_dir=$dir/build
  local file signature
  file=$(stat -c '%y %s %i' "${files[@]}" "${hosts[@]}")
  signature="$file $(stat -c %y "$build/sdk.stamp")"
  # Only the build knows whether a baked directory, or what C includes, changed.
  if [ -e "$dir/done" ] && [ "$(<"$dir/done")" = "$signature" ] && [ -z "$bake${hosts[*]}" ]; then
    return
  fi
  if [ ! -d "$dir" ]; then
    drop_orphans
    mkdir -p "$dir"
    printf '%s' "$module" >"$dir/module.$$" && mv "$dir/module.$$" "$dir/module"
  fi
  exec 9>"$dir/lock"
  flock 9
  # Another file by this name may be older than what was made of the last one: begin anew.
  if [ ! -e "$dir/file" ] || [ "$(<"$dir/file")" != "$file" ]; then
    rm -rf "$dir/build"
    printf '%s' "$file" >"$dir/file"
  fi
  {
    echo "cmake_minimum_required(VERSION 3.20)"
    echo "project(app NONE)"
    echo "include($(cmake_quote "$build/IngotConfig.cmake"))"
    echo "ingot_add_image(app MODULES"
    for i in "${!names[@]}"; do
      echo "  $(cmake_quote "${names[i]}=$(listable "$dir/link-$i" "${files[i]}")")"
    done
    for i in "${!hosts[@]}"; do
      echo "  HOST $(cmake_quote "$(listable "$dir/host-$i" "${hosts[i]}")")"
    done
    echo "  ISA $isa UNKNOWN_IMPORTS $unknown ${image_options[*]}"
    [ -z "$invoke" ] || echo "  ALL_EXPORTS" # which one is called is a boot argument
    echo "  ARGV0 $(cmake_quote "${argv0:-$(basename "$module")}")"
    if [ -n "$bake" ]; then
      local word words=
      [ -z "$invoke" ] || echo "  INVOKE $(cmake_quote "$invoke")"
      for word in "${args[@]}"; do echo "  ARGS $(cmake_quote "$word")"; done
      for word in "${env[@]}"; do echo "  ENV $(cmake_quote "$word")"; done
      for word in "${boot_args[@]}"; do words+="${words:+ }$word"; done
      [ -z "$words" ] || echo "  BOOT_ARGS $(cmake_quote "$words")"
      for word in "${dirs[@]}"; do echo "  DIR $(cmake_quote "$word")"; done
    fi
    echo ")"
  } >"$dir/CMakeLists.txt.new"
  cmp -s "$dir/CMakeLists.txt.new" "$dir/CMakeLists.txt" || cp "$dir/CMakeLists.txt.new" "$dir/CMakeLists.txt"
  local steps=0
  [ ! -e "$dir/build/.ninja_log" ] || steps=$(wc -l <"$dir/build/.ninja_log")
  if ! run_logged "$dir/log" "casting $(basename "$module")" cast_build "$dir"; then
    explain "$dir/log"
    exit $EXIT_START
  fi
  [ -z "${verbose:-}" ] || tell_stages "$dir/build/.ninja_log" "$steps"
  # The inspector's warnings are worth seeing once.
  grep '^warning: ' "$dir/log" | sed 's/^/ingot: /' >&2 || true
  printf '%s' "$signature" >"$dir/done"
  exec 9>&-
}

# Seconds of each stage of this build: the lines of Ninja's log behind the first $2.
tell_stages() {
  tail -n "+$(($2 + 1))" "$1" | grep -v '^#' | awk -F '\t' -f "$root/scripts/lib/stages.awk" >&2 || true
}

# What was cast from files that are gone by now would only fill the cache.
drop_orphans() {
  local made
  for made in "$cache"/images/*/; do
    if [ -e "${made}module" ] && [ ! -e "$(<"${made}module")" ]; then rm -rf "$made"; fi
  done
}

cast_build() {
  [ -e "$1/build/build.ninja" ] || cmake -S "$1" -B "$1/build" -G Ninja || return 1
  cmake --build "$1/build"
}

# The module's name in messages: its file's stem, in characters that every tool takes.
module_name() {
  local name
  name=$(basename "$1")
  name=${name%.*}
  name=${name//[!A-Za-z0-9_.-]/_}
  printf '%s' "${name:-module}"
}

ingot_build() {
  local timeout= timeout_ms=
  local out=. module= argv0= invoke= isa=default unknown=error verbose= log_shown= bake=1 shift_by=1
  local env=() args=() boot_args=() dirs=() preloads=() hosts=() image_options=() image_dir unfolded
  while [ $# -gt 0 ]; do
    unfold "$@"
    set -- "${unfolded[@]}"
    if parse_flag "$@"; then
      shift "$shift_by"
      continue
    fi
    case $1 in
      -o)
        [ $# -ge 2 ] || die "-o needs a directory"
        out=$2
        shift 2
        ;;
      --dir)
        [ $# -ge 2 ] || die "--dir needs a value"
        [ -d "${2%%::*}" ] || die "--dir: ${2%%::*} is not a directory"
        dirs+=("$(readlink -f "${2%%::*}")::${2##*::}")
        shift 2
        ;;
      --help) . "$root/scripts/lib/help.sh" && ingot_help build && exit 0 ;;
      --) shift && break ;;
      -*) die "unknown flag \`$1\`; see \`ingot help build\`" ;;
      *)
        [ -z "$module" ] || break
        module=$1
        shift
        ;;
    esac
  done
  if [ -z "$module" ]; then
    [ $# -gt 0 ] || die "no module given; see \`ingot help build\`"
    module=$1
    shift
  fi
  args=("$@")
  local word
  for word in "$argv0" "$invoke" "${args[@]}" "${env[@]}" "${dirs[@]}"; do
    case $word in *$'\n'* | *\\) die "\`$word\`: a newline, or a backslash at the end, cannot be baked in" ;; esac
  done
  if [ -n "$timeout" ]; then
    boot_args+=("ingot.timeout=$timeout_ms")
    image_options+=(TIMER)
  fi
  cast "$module"
  mkdir -p "$out" || die "$out: cannot make this directory"
  local file
  for file in elf bin img json spdx.json; do
    cp "$image_dir/app.$file" "$out/app.$file" || die "cannot write $out/app.$file"
  done
}
