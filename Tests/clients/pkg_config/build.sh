#!/bin/sh
# build.sh WORK PREFIX MODEL [emulator word...] - compiles and runs clients with what pkg-config says
# about Headrace, installed under PREFIX. CC: the compiler; SYSROOT: where the target's libraries are.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
work=$1 prefix=$2 model=$3
shift 3
mkdir -p "$work"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
search=
if [ -n "${SYSROOT-}" ]; then
  triple=$("$CC" -dumpmachine)
  search="-L$SYSROOT/usr/lib/$triple -Wl,-rpath-link,$SYSROOT/usr/lib/$triple"
fi
# shellcheck disable=SC2086,SC2046
for package in headrace headrace_io; do
  "$CC" ${CFLAGS-} -std=c99 -Wall -Wextra -Wpedantic -Werror "$source/c99.c" -o "$work/$package" \
    $(pkg-config --cflags --libs "$package") $search
  "$@" "$work/$package" "$model"
done
