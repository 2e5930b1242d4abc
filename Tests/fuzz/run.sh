#!/bin/bash
# run.sh model|onnx|jpeg SECONDS [libFuzzer option...] - fuzzes one reader of files, with
# AddressSanitizer, from the inputs in Tests/fuzz/corpus/TARGET and what earlier runs found
# (build/fuzz/TARGET/found). Fails on a crash, a sanitizer's report, a timeout or a leak.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1 seconds=$2
shift 2
work=build/fuzz/$target
include=Sources/CHeadrace/include
mkdir -p "$work/found" "$work/artifacts"
# Swift's own clang: the runtime libraries of one compiler must serve all objects.
clang=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang
sanitize=fuzzer,address

# embedded NAME SOURCE... - compiles an Embedded Swift module for fuzzing.
embedded() {
  swiftc -g -O -wmo -parse-as-library -swift-version 6 -module-name "$1" \
    -enable-experimental-feature Embedded -enable-experimental-feature Lifetimes \
    -sanitize=$sanitize -I $include -c "${@:2}" -o "$work/$1.o"
}

# c_objects FOLDER - compiles a folder's C sources for fuzzing.
c_objects() {
  local source
  find "$1" -name '*.c' | while read -r source; do
    "$clang" -g -O1 -std=c11 -D_GNU_SOURCE -fsanitize=$sanitize -fno-sanitize-link-runtime \
      -I include -I $include -c "$source" -o "$work/$(tr / - <<<"${source%.c}").o"
  done
}

rm -f "$work"/*.o
mapfile -t core < <(find Sources/Headrace -name '*.swift')
mapfile -t kernels < <(find Sources/HeadraceKernels -name '*.swift')
embedded HeadraceKernels "${kernels[@]}"
embedded Headrace "${core[@]}"
c_objects Sources/CHeadrace
libraries=-lm
case $target in
  model) embedded FuzzModel Tests/fuzz/FuzzModel.swift ;;
  *) echo "run.sh: no target is called $target" >&2; exit 2 ;;
esac
# lld: gold, the driver's default, warns about every AddressSanitizer callback.
"$clang" -fuse-ld=lld -fsanitize=$sanitize "$work"/*.o -o "$work/fuzz" $libraries

exec "$work/fuzz" "$work/found" "Tests/fuzz/corpus/$target" -max_total_time="$seconds" \
  -artifact_prefix="$work/artifacts/" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 "$@"
