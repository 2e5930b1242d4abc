#!/bin/bash
# run.sh model|packet|picture|sound|link|onnx SECONDS [libFuzzer option...] - fuzzes one reader of files, with
# AddressSanitizer, from the inputs in Tests/fuzz/corpus/TARGET, those that this makes, and what earlier
# runs found (build/fuzz/TARGET/found). Fails on a crash, a sanitizer's report, a timeout or a leak.
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
case $target in
  model | packet | picture | sound | link | onnx) ;;
  *) echo "run.sh: no target is called $target" >&2; exit 2 ;;
esac

# embedded NAME INCLUDE SOURCE... - compiles an Embedded Swift module for fuzzing.
embedded() {
  swiftc -g -O -wmo -parse-as-library -swift-version 6 -module-name "$1" \
    -enable-experimental-feature Embedded -enable-experimental-feature Lifetimes \
    -sanitize=$sanitize -I "$2" -c "${@:3}" -o "$work/$1.o"
}

defines= # of C sources
# c_objects PATH... - compiles C sources, or all in a folder, for fuzzing.
c_objects() {
  local source
  find "$@" -name '*.c' | while read -r source; do
    "$clang" -g -O1 -std=gnu11 -Wall -Wextra -Werror -fsanitize=$sanitize $defines \
      -I include -I $include -I Sources/HeadraceIO \
      -c "$source" -o "$work/$(tr / - <<<"${source%.c}").o"
  done
}

# seeds SOURCE LIBRARY... -- ARGUMENT... - compiles a program that writes seeds, and runs it.
seeds() {
  local source=$1 libraries=()
  shift
  while [ "$1" != -- ]; do libraries+=("$1") && shift; done
  "$clang" -g -O1 -std=c11 -Wall -Wextra -Werror -fuse-ld=lld -fsanitize=address -I include -I $include \
    "$source" "${libraries[@]}" -o "$work/make-seeds"
  "$work/make-seeds" "$work/seeds" "${@:2}"
}

# The core, as it runs on a board, into build/fuzz/core; five targets share it.
core() (
  work=build/fuzz/core
  mkdir -p "$work"
  exec 9>"$work/lock"
  flock 9
  if [ -e "$work/complete" ] &&
    [ -z "$(find Sources/Headrace Sources/HeadraceKernels Sources/CHeadrace include -newer "$work/complete")" ]; then
    return
  fi
  mapfile -t sources < <(find Sources/HeadraceKernels -name '*.swift')
  embedded HeadraceKernels $include "${sources[@]}"
  mapfile -t sources < <(find Sources/Headrace -name '*.swift')
  embedded Headrace $include "${sources[@]}"
  c_objects Sources/CHeadrace
  touch "$work/complete"
)

rm -rf "$work/seeds"
rm -f "$work"/*.o
mkdir -p "$work/seeds"
case $target in
  model)
    core
    embedded FuzzModel $include Tests/fuzz/FuzzModel.swift
    c_objects Tests/fuzz/MutateModel.c
    link=("$clang" build/fuzz/core/*.o -lm)
    ;;
  packet)
    core
    c_objects Tests/fuzz/FuzzPacket.c
    seeds Tests/fuzz/PacketSeeds.c build/fuzz/core/*.o -lm --
    link=("$clang" build/fuzz/core/*.o -lm)
    ;;
  picture)
    core
    mapfile -t parsers < <(find Sources/HeadraceIO -name '*.swift')
    embedded HeadraceIO Sources/HeadraceIO/internal "${parsers[@]}"
    c_objects Sources/HeadraceIO Tests/fuzz/FuzzPicture.c
    seeds Tests/fuzz/PictureSeeds.c -ljpeg --
    link=("$clang" build/fuzz/core/*.o -ljpeg -lm -lpthread)
    ;;
  sound)
    core
    mapfile -t parsers < <(find Sources/HeadraceIO -name '*.swift')
    embedded HeadraceIO Sources/HeadraceIO/internal "${parsers[@]}"
    c_objects Sources/HeadraceIO Tests/fuzz/FuzzSound.c
    seeds Tests/fuzz/SoundSeeds.c build/fuzz/core/*.o -lm --
    link=("$clang" build/fuzz/core/*.o -ljpeg -lm -lpthread)
    ;;
  link)
    core
    defines=-DHEADRACE_HTTP
    c_objects Sources/HeadraceIO/Links Sources/HeadraceIO/failure.c Sources/HeadraceIO/cpu.c Tests/fuzz/FuzzLink.c
    link=("$clang" build/fuzz/core/*.o -lm -lpthread)
    ;;
  onnx)
    # The importer is ordinary Swift with packages, so SwiftPM compiles it.
    swift build --target HeadraceCompiler --scratch-path build/fuzz/swift --sanitize=address \
      -Xswiftc -sanitize=fuzzer
    built=build/fuzz/swift/debug
    # SwiftPM leaves the objects of files that are no more.
    find Sources -name '*.swift' -printf '%f.o\n' >"$work/there"
    find $built/Headrace*.build -name '*.swift.o' | awk -F/ 'NR == FNR { there[$0]; next } !($NF in there)' \
      "$work/there" - | xargs -r rm
    swiftc -g -O -parse-as-library -swift-version 6 -module-name FuzzOnnx -sanitize=$sanitize \
      -I $built/Modules -I $include -c Tests/fuzz/FuzzOnnx.swift -o "$work/FuzzOnnx.o"
    for module in Headrace HeadraceKernels HeadraceCompiler CHeadrace CHeadraceIO HeadraceIOParsing \
      SwiftProtobuf; do
      find $built/$module.build -name '*.o'
    done >"$work/objects"
    find Sources/Models Tests -name '*.onnx' -size -100k -exec cp -t "$work/seeds" {} +
    link=(swiftc "@$work/objects" -ljpeg -lpthread -lm)
    ;;
esac
corpora=("$work/found" "$work/seeds")
if [ -d "Tests/fuzz/corpus/$target" ]; then corpora+=("Tests/fuzz/corpus/$target"); fi

# lld: gold, the driver's default, warns about every AddressSanitizer callback.
case ${link[0]} in
  swiftc) "${link[@]}" -use-ld=lld -sanitize=$sanitize "$work"/*.o -o "$work/fuzz" ;;
  *) "${link[0]}" -fuse-ld=lld -fsanitize=$sanitize "$work"/*.o "${link[@]:1}" -o "$work/fuzz" ;;
esac

exec "$work/fuzz" "${corpora[@]}" -max_total_time="$seconds" \
  -artifact_prefix="$work/artifacts/" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 "$@"
