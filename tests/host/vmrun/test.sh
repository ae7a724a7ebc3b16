#!/bin/sh
# SPDX-License-Identifier: MIT
# vmrun against a stand-in for QEMU: a shell that uses the descriptors vmrun promises to QEMU
# (0 stdin, 3 stdout, 4 stderr). Usage: test.sh PATH-OF-VMRUN
set -u
vmrun=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# fake SCRIPT: a program that ignores QEMU's arguments and runs SCRIPT.
fake() {
    printf '#!/bin/sh\n%s\n' "$1" >"$work/qemu"
    chmod +x "$work/qemu"
}

check() {
    if [ "$2" = "$3" ]; then
        echo "ok: $1"
    else
        echo "FAILED: $1: expected \"$2\", found \"$3\""
        failed=1
    fi
}

fake 'cat >&3; echo words >&4; echo firmware; exit 7'
out=$(printf 'a\nb' | "$vmrun" "$work/qemu" 2>"$work/err")
check "exit status" 7 $?
check "stdin to stdout" "$(printf 'a\nb')" "$out"
check "stderr, and QEMU's stdout on stderr" "$(printf 'words\nfirmware')" "$(cat "$work/err")"

fake 'echo "$@" >&3'
check "arguments, all streams" 1 \
    "$("$vmrun" "$work/qemu" -M virt </dev/null 2>/dev/null |
        grep -c '^-M virt .*name=ingot.stdin.*name=ingot.stdout.*name=ingot.stderr')"
check "no port for a closed stdin" 0 \
    "$("$vmrun" "$work/qemu" <&- 2>/dev/null | grep -c 'ingot.stdin')"

fake 'yes >&3'
("$vmrun" "$work/qemu" </dev/null; echo $? >"$work/status") | head -c 3 >/dev/null
check "reader went away" 141 "$(cat "$work/status")"

fake 'exec sleep 60 </dev/null 3>&- 4>&-'
"$vmrun" --timeout 0.3 "$work/qemu" </dev/null
check "time-out" 142 $?

fake 'exec sleep 60 </dev/null 3>&- 4>&-'
"$vmrun" "$work/qemu" </dev/null &
pid=$!
sleep 0.5
kill -TERM $pid
wait $pid
check "told to stop" 143 $?

fake 'kill -SEGV $$'
"$vmrun" "$work/qemu" </dev/null 2>/dev/null
check "QEMU dies" 126 $?
"$vmrun" "$work/none" </dev/null 2>/dev/null
check "no QEMU" 126 $?
"$vmrun" --timeout soon "$work/qemu" 2>/dev/null
check "bad time-out" 126 $?
"$vmrun" 2>/dev/null
check "no arguments" 126 $?

fake 'echo written >&3'
"$vmrun" "$work/qemu" 1<>"$work/both" </dev/null
check "stdout open for reading and writing" written "$(cat "$work/both")"
(echo first; "$vmrun" "$work/qemu" </dev/null; echo last) >"$work/file"
check "shared file offset" "$(printf 'first\nwritten\nlast')" "$(cat "$work/file")"

fake 'exit 0'
left=$(printf 'abc' | ("$vmrun" "$work/qemu"; cat))
check "unread stdin is left alone" abc "$left"

exit $failed
