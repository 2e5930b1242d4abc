#!/bin/sh
# valgrind.sh - headrace-demo and the C clients make no memory error on this machine. Needs
# build/host and build/cmake/host.
set -u
cd "$(dirname "$0")/../.." || exit 1
pictures=build/valgrind-pictures
mkdir -p $pictures
python3 Tests/system/pictures.py $pictures

model=Sources/Models/bottlefit/head.hrm
number=0 failures=0
check() { # check NAME LEAK-CHECK PROGRAM ARGUMENT...
  number=$((number + 1))
  name=$1 leaks=$2
  shift 2
  if valgrind -q --error-exitcode=9 --leak-check="$leaks" --errors-for-leak-kinds=definite,possible "$@"; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name"
    failures=$((failures + 1))
  fi
}

check "headrace-demo camera, one thread" full \
  build/host/bin/headrace-demo camera $pictures/gray-97x113.pgm
check "headrace-demo camera, four threads" full \
  build/host/bin/headrace-demo camera $pictures/tall-31x500.ppm --threads 4 --json
clients=build/cmake/host/Tests/clients
check "headrace-demo bench" full build/host/bin/headrace-demo bench $model --json --repeat 1
check "the README's example" full \
  $clients/example $model $pictures/gray-97x113.pgm build/valgrind-pictures/payload
# These end without freeing anything.
for client in c99 cxx17; do
  check "client $client" no $clients/$client $model
done
[ $failures = 0 ]
