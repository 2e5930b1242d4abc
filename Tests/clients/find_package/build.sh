#!/bin/sh
# build.sh WORK PREFIX MODEL [CMake option...] - builds and tests a project that finds Headrace,
# installed under PREFIX, with find_package.
set -eu
source=$(dirname "$0")
work=$1 prefix=$2 model=$3
shift 3
rm -rf "$work"
cmake -G Ninja -S "$source" -B "$work" "-DHeadrace_DIR=$prefix/lib/cmake/Headrace" "-DMODEL=$model" "$@"
cmake --build "$work"
ctest --test-dir "$work" --output-on-failure
