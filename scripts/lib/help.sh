# SPDX-License-Identifier: MIT
# The texts are in scripts/help; the completion takes its options from them.
# shellcheck shell=bash
ingot_help() {
  local text=$root/scripts/help/${1:-ingot}.txt
  case ${1:-} in */*) text= ;; esac
  [ -f "$text" ] || die "no help for \`$1\`"
  cat "$text"
}
