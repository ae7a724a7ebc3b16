# SPDX-License-Identifier: MIT
# The bench: builds its images and reports instructions of translated over native code.
# shellcheck shell=bash
# shellcheck source=scripts/lib/build.sh
. "$root/scripts/lib/build.sh"

ingot_bench() {
  local verbose= isas=(default base) options=()
  while [ $# -gt 0 ]; do
    unfold "$@"
    set -- "${unfolded[@]}"
    case $1 in
      --isa | --json)
        [ $# -ge 2 ] || die "$1 needs a value"
        case $1 in
          --isa)
            case $2 in default | base) ;; *) die "--isa is default or base, not \`$2\`" ;; esac
            isas=("$2")
            ;;
        esac
        options+=("$1" "$2")
        shift 2
        ;;
      --update)
        options+=(--markdown "$root/docs/performance.md")
        shift
        ;;
      -v)
        verbose=1
        shift
        ;;
      *) die "unknown flag \`$1\`; see \`ingot help bench\`" ;;
    esac
  done
  "$root/scripts/setup" --tests || exit $EXIT_START
  ensure_sdk
  run_logged "$build/bench.log" "casting the bench" bench_build || {
    explain "$build/bench.log"
    exit $EXIT_START
  }
  exec "$root/tests/bench/run.sh" "$build/tests/bench/config.sh" "${options[@]}"
}

bench_build() {
  cmake -S "$root" -B "$build" -DINGOT_BUILD_TESTS=ON >/dev/null || return 1
  cmake --build "$build" --target "${isas[@]/#/bench-images-}"
}
