#!/bin/sh
# SPDX-License-Identifier: MIT
# user.sh LLD NM OBJCOPY OUT INPUT...
# Links what runs at user level into one object: the modules, their side of the glue, and the libraries
# that they use. Nothing in it may refer to the kernel, and the kernel sees the glue's names alone; its
# sections become .user.*, which the linker script of images puts on pages of user level.
set -eu
lld=$1 nm=$2 objcopy=$3 out=$4
shift 4
# What only the kernel asks for; the image's link drops what it does not.
"$lld" -r -u user_back -u user_invoke -u user_unwind_target -o "$out.whole" "$@"
missing=$("$nm" -u "$out.whole" | sed 's/^ *[Uuw] //')
if [ -n "$missing" ]; then
  echo "error: code at user level refers to what is not there:" $missing >&2
  rm -f "$out.whole"
  exit 1
fi
"$objcopy" --prefix-alloc-sections=.user --wildcard --keep-global-symbol='w2c_*' \
  --keep-global-symbol='wasm2c_*' --keep-global-symbol='ingot_*' --keep-global-symbol='user_*' \
  "$out.whole" "$out"
rm -f "$out.whole"
