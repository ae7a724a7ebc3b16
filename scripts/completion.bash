# SPDX-License-Identifier: MIT
# Completion for bash: `. scripts/completion.bash`, or a link to this file as
# /usr/share/bash-completion/completions/ingot. Commands and options are those of `ingot help`.
# shellcheck shell=bash

# The first words of the lines of a help text that are indented by two.
_ingot_words() {
  "${COMP_WORDS[0]}" help "$@" 2>/dev/null | sed -n 's/^  \(-*[A-Za-z][A-Za-z0-9-]*\).*/\1/p'
}

_ingot_files() {
  local pattern=$1 file
  compopt -o filenames 2>/dev/null || true
  while IFS= read -r file; do
    if [ -d "$file" ] || [[ $file =~ \.($pattern)$ ]]; then COMPREPLY+=("$file"); fi
  done < <(compgen -f -- "$2")
}

_ingot() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]:-}
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_ingot_words)" -- "$word")
    return
  fi
  # NAME=FILE and FLAG=VALUE are split at the `=` by readline.
  if [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
  if [ "$word" = = ]; then word= before=${COMP_WORDS[COMP_CWORD - 1]}; fi
  case $before in
    help) mapfile -t COMPREPLY < <(compgen -W "$(_ingot_words)" -- "$word") ;;
    --isa) mapfile -t COMPREPLY < <(compgen -W "default base" -- "$word") ;;
    -W) mapfile -t COMPREPLY < <(compgen -W "unknown-imports-trap=y unknown-imports-default=y timeout= max-memory-size= max-wasm-stack=" -- "$word") ;;
    -L) mapfile -t COMPREPLY < <(compgen -W "host fuzz guest golden corpus conformance bench" -- "$word") ;;
    -o | --dir) _ingot_files 'a^' "$word" ;;
    --host) _ingot_files c "$word" ;;
    *)
      case $word in
        -*) mapfile -t COMPREPLY < <(compgen -W "$(_ingot_words "$command" | grep '^-')" -- "$word") ;;
        *) _ingot_files 'wasm|wat|elf|bin|img' "$word" ;;
      esac
      ;;
  esac
}
complete -F _ingot ingot
