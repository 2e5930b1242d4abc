#!/bin/sh
# valgrind.sh - headrace-demo and the C clients make no memory error on this machine. Needs
# build/host and build/cmake/host.
set -u
cd "$(dirname "$0")/../.." || exit 1
pictures=build/valgrind-pictures
mkdir -p $pictures
python3 Tests/system/pictures.py $pictures

number=0 failures=0
check() {
  number=$((number + 1))
  name=$1
  shift
  if valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,possible "$@"; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name"
    failures=$((failures + 1))
  fi
}

model=Sources/Models/bottlefit/head.hrm
check "headrace-demo camera, one thread" build/host/bin/headrace-demo camera $pictures/gray-97x113.pgm
check "headrace-demo camera, four threads" \
  build/host/bin/headrace-demo camera $pictures/tall-31x500.ppm --threads 4 --json
for client in c99 cxx17; do
  check "client $client" build/cmake/host/Tests/clients/$client $model
done
[ $failures = 0 ]
