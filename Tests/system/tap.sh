# shellcheck shell=sh
# tap.sh - TAP lines of the tests that source it, whose exit is [ $failures = 0 ].
number=0 failures=0
# check NAME - whether the command before it succeeded.
check() {
  status=$?
  number=$((number + 1))
  if [ $status = 0 ]; then
    echo "ok $number - $1"
  else
    echo "not ok $number - $1"
    failures=$((failures + 1))
  fi
}
