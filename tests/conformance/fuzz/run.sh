#!/bin/bash
# SPDX-License-Identifier: MIT
# Differential fuzzing: random modules in our images against node's V8 (generate.js).
#
#   run.sh CONFIG WORK MODULES SEED...
#
# makes MODULES modules from each seed and runs them as testsuite files; CONFIG is that of
# tests/conformance/spec. A difference is told with the module's file and the call.
# Exit code: 0 no difference, 1 differences.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
config=$1 work=$2 modules=$3
shift 3
rm -rf "$work/suite"
for seed in "$@"; do
  node "$here/generate.js" "$work/suite" "$seed" "$modules"
done
exec "$here/../spec/run.sh" "$config" "$work" --suite "$(cd "$work/suite" && pwd)"
