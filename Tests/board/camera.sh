#!/bin/bash
# camera.sh [BUILD] - captures frames from a real V4L2 driver: boots Debian's arm64 kernel with its vivid
# driver on an emulated Cortex-A72 board, where capture.c checks the pixels and headrace-demo runs on
# /dev/video0. BUILD is an aarch64 build tree, build/cmake/aarch64 by
# default. Prints TAP.
#
# The emulated board is made by ../shared/tools/qemu-system/boot.sh; without it, or without QEMU, the
# test says that it is skipped.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/cmake/aarch64}
boot=../shared/tools/qemu-system/boot.sh
work=build/board-camera
triple=aarch64-linux-gnu
libraries=build/sysroot-aarch64/usr/lib/$triple

skip() {
  echo "ok 1 - frames from a V4L2 camera on an emulated board # SKIP $1"
  exit 0
}
[ -x "$boot" ] || skip "$boot is not there"
command -v qemu-system-aarch64 >/dev/null || skip "qemu-system-aarch64 is not installed"
command -v modprobe >/dev/null || [ -x /sbin/modprobe ] || skip "modprobe (package kmod) is not installed"
PATH=$PATH:/sbin:/usr/sbin
mkdir -p "$work"

# Static, so that the board needs no libraries; without what captures sound, of which there is no static library.
"$triple-gcc" -std=c11 -O2 -static -Wl,--gc-sections -I include Tests/board/capture.c "$build/libheadrace_io.a" \
  "$build/libheadrace.a" "$libraries/libjpeg.a" -lpthread -lm -o "$work/capture"
files=("$work/capture:/bin/capture")

# headrace-demo as it is built, with the libraries that it names.
commands="/bin/capture; echo capture-status \$?"
models=Sources/Models/bottlefit
files+=("$build/headrace-demo:/bin/headrace-demo" "$models/head.hrm:/models/head.hrm"
  "$models/tail.hrm:/models/tail.hrm"
  "$(readlink -f "$libraries/libjpeg.so.62"):/lib/libjpeg.so.62"
  "$(readlink -f "$libraries/libasound.so.2"):/lib/libasound.so.2")
for library in ld-linux-aarch64.so.1 libc.so.6 libm.so.6 libpthread.so.0; do
  files+=("$(readlink -f "/usr/$triple/lib/$library"):/lib/$library")
done
commands+="; /bin/headrace-demo camera /dev/video0 --frames 3 --json --head /models/head.hrm"
commands+=" --tail /models/tail.hrm; echo demo-status \$?"
for part in tone clean; do
  files+=("Sources/Models/lowlight/real-time-$part.hrm:/models/lowlight/real-time-$part.hrm")
done
commands+="; HEADRACE_MODELS=/models /bin/headrace-demo enhance /dev/video0 --tier real-time --frames 2 --json"
commands+=" --output /day.mjpeg; echo enhance-status \$?"

# Console lines end with a carriage return.
"$boot" "$work/machine" "$commands" "${files[@]}" 2>&1 | tr -d '\r' >"$work/console" || true
grep -E '^(not )?ok ' "$work/console" || true
number=$(grep -cE '^(not )?ok ' "$work/console" || true)
failures=0
check() { # check DESCRIPTION COMMAND...
  local what=$1
  shift
  number=$((number + 1))
  if "$@"; then echo "ok $number - $what"; else
    echo "not ok $number - $what"
    failures=$((failures + 1))
  fi
}
check "the board booted and every capture was right" grep -q '^capture-status 0$' "$work/console"
json_lines() {
  [ "$(grep -c '^{"source": "/dev/video0", "width": 640, "height": 480, "jpeg_bytes": null' \
    "$work/console")" = 3 ] && grep -q '^demo-status 0$' "$work/console"
}
check "headrace-demo camera /dev/video0 --json told three frames" json_lines
enhanced_lines() {
  [ "$(grep -c '^{"frame": [01], "name": "/dev/video0", "width": 640, "height": 480, "mean_root"' \
    "$work/console")" = 2 ] && grep -q '^enhance-status 0$' "$work/console"
}
check "headrace-demo enhance /dev/video0 made two frames of a video" enhanced_lines
if [ $failures != 0 ]; then
  sed 's/^/# /' "$work/console"
  exit 1
fi
