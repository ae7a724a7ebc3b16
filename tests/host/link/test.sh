#!/bin/sh
# SPDX-License-Identifier: MIT
# test.sh USER.SH CLANG LLD NM OBJCOPY: what user.sh makes of small objects, and what it refuses.
set -eu
script=$1 clang=$2 lld=$3 nm=$4 objcopy=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
  echo "$*" >&2
  exit 1
}

# object NAME: from C on stdin.
object() {
  "$clang" --target=riscv64-unknown-elf -march=rv64gc -mabi=lp64d -mcmodel=medany -O1 \
    -ffunction-sections -fdata-sections -x c -c - -o "$1.o"
}

link() {
  sh "$script" "$lld" "$nm" "$objcopy" out.o "$@" 2>message
}

# Refused, with these names told, and nothing left behind.
refuses() {
  names=$1
  shift
  if link "$@"; then fail "linked, though it refers to $names"; fi
  printf 'error: code at user level refers to what is not there: %s\n' "$names" >expected
  diff expected message || fail "another message was expected"
  [ ! -e out.o ] && [ ! -e out.o.whole ] || fail "$names: an output was left"
}

object helper <<'C'
int helper(int x) { return x + 1; }
C
object back <<'C'
void user_back(void) {}
C
object invoke <<'C'
void user_invoke(void *unused) {}
C
object exception <<'C'
void *user_unwind_target;
C
object module <<'C'
int helper(int x);
static const int table[5] = {1, 2, 3, 4, 5};
static int counters[100] = {5};
int w2c_m_f(int x) { return helper(table[x & 3] + table[x & 4]) + counters[x & 63]++; }
C
object wrong <<'C'
extern int kernel_aspace;
void panic(const char *text);
void w2c_m_g(void) { if (kernel_aspace) panic("from a module"); }
C
object weak <<'C'
__attribute__((weak)) int frame_alloc(void);
int w2c_m_h(void) { return frame_alloc != 0; }
C
object data <<'C'
extern const int wasm_image;
const int *const w2c_m_pointer = &wasm_image;
C

runtime="--start-lib helper.o back.o invoke.o exception.o --end-lib" # as members of an archive

refuses "kernel_aspace panic" module.o wrong.o $runtime
refuses frame_alloc module.o weak.o $runtime
refuses wasm_image module.o data.o $runtime
refuses helper module.o

# One object of sections for user level, where the kernel sees the names that are for it.
link module.o $runtime || fail "not linked: $(cat message)"
[ ! -s message ] || fail "told without need: $(cat message)"
"$nm" -g out.o | sed 's/^[0-9a-f]* //' >names
printf '%s\n' 'T user_back' 'T user_invoke' 'B user_unwind_target' 'T w2c_m_f' | sort -k 2 >expected
sort -k 2 names | diff expected - || fail "the kernel sees other names"
"$nm" out.o | grep -q ' t helper$' || fail "the runtime's own function is gone, or seen"
has_section() { "$objcopy" --dump-section "$1=section" out.o /dev/null 2>/dev/null; }
for section in .user.text.w2c_m_f .user.text.helper .user.rodata.table .user.data.counters; do
  has_section "$section" || fail "there is no section $section"
done
! has_section .text.w2c_m_f || fail "a section has kept its name"
