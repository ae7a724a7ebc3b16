# SPDX-License-Identifier: MIT
# shellcheck shell=bash
ingot_inspect() {
  local json=()
  if [ "${1:-}" = --json ]; then
    json=(--json)
    shift
  fi
  [ $# = 1 ] || die "usage: ingot inspect [--json] MODULE"
  local module=$1
  [ -e "$module" ] || die "$module: no such file"
  ensure_sdk
  case $module in
    *.img | *.bin | *.elf)
      "$build/toolchain/ingot-pack" manifest "$module" || exit $EXIT_START
      return
      ;;
    *.wat)
      local dir
      dir=$(mktemp -d)
      # shellcheck disable=SC2064
      trap "rm -rf '$dir'" EXIT
      assemble "$module" "$dir/$(basename "$module" .wat).wasm"
      module=$dir/$(basename "$module" .wat).wasm
      ;;
  esac
  "$build/toolchain/ingot-inspect" show "${json[@]}" "$module" || exit $EXIT_START
}
