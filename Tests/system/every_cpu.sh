# shellcheck shell=bash
# every_cpu.sh - what tests share that run the programs of installed boards on every emulated CPU: the functions of
# boards/scripts, from the project's folder, and TAP lines. Their exit is [ $failures = 0 ].
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
for part in build emulate suites; do
  # shellcheck source=/dev/null
  . "boards/scripts/$part.sh"
done

test_number=0 failures=0
report() { # report NAME STATUS
  test_number=$((test_number + 1))
  if [ "$2" = 0 ]; then echo "ok $test_number - $1"; else
    echo "not ok $test_number - $1"
    failures=$((failures + 1))
  fi
}
