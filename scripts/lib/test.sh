# SPDX-License-Identifier: MIT
# All tests, counted from what CTest really ran.
# shellcheck shell=bash
ingot_test() {
  local verbose= select=(-LE slow)
  while [ $# -gt 0 ]; do
    case $1 in
      -L)
        [ $# -ge 2 ] || die "-L needs a label"
        select=(-L "$2")
        shift 2
        ;;
      -v)
        verbose=1
        shift
        ;;
      *) die "unknown flag \`$1\`; see \`ingot help test\`" ;;
    esac
  done
  "$root/scripts/setup" --tests || exit $EXIT_START
  ensure_sdk
  echo "ingot: building the tests"
  run_logged "$build/tests.log" "building the tests" tests_build || {
    explain "$build/tests.log"
    echo "0 passed, 1 failed"
    exit 1
  }
  local status=0 xml=$build/ctest.xml counts
  rm -f "$xml"
  ctest --test-dir "$build" "${select[@]}" --output-on-failure --output-junit "$xml" -j2 || status=$?
  [ -s "$xml" ] || { echo "0 passed, 1 failed"; exit 1; }
  # <testsuite ... tests="N" failures="N" disabled="N" skipped="N" ...>
  counts=$(tr '\n\t' '  ' <"$xml" | grep -o '<testsuite [^>]*>' | head -n 1)
  local tests failures disabled skipped
  tests=$(attribute tests) failures=$(attribute failures)
  disabled=$(attribute disabled) skipped=$(attribute skipped)
  skipped=$((skipped + disabled))
  echo "$((tests - failures - skipped)) passed, $failures failed, $skipped skipped"
  [ "$status" = 0 ] && [ "$failures" = 0 ]
}

attribute() {
  local value
  value=$(printf '%s' "$counts" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p")
  printf '%s' "${value:-0}"
}

tests_build() {
  cmake -S "$root" -B "$build" -DINGOT_BUILD_TESTS=ON >/dev/null || return 1
  cmake --build "$build"
}
