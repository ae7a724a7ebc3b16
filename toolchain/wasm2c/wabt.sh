#!/bin/sh
# SPDX-License-Identifier: MIT
# wabt.sh DIR TOOL ARGUMENT...: runs a tool of the npm package in DIR. Deeply nested modules need a
# large native stack as well.
ulimit -s unlimited 2>/dev/null || ulimit -s "$(ulimit -H -s)" 2>/dev/null || true
exec node --stack-size=60000 "$(dirname "$0")/wabt.js" "$@"
