#!/bin/bash
# sound.sh [BUILD] - locates sound from a sound card of the kernel: boots Debian's arm64 kernel with its loopback
# card (snd-aloop) on an emulated Cortex-A72 board, plays into it and runs headrace-demo locate on it. BUILD is an
# aarch64 build tree, build/cmake/aarch64 by default. Prints TAP.
#
# The emulated board is made by ../shared/tools/qemu-system/boot.sh; without it, or without QEMU, the test says
# that it is skipped.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/cmake/aarch64}
boot=../shared/tools/qemu-system/boot.sh
work=build/board-sound
triple=aarch64-linux-gnu
sysroot=build/sysroot-aarch64/usr
configuration=/usr/share/alsa/alsa.conf

skip() {
  echo "ok 1 - sound from the kernel's loopback card on an emulated board # SKIP $1"
  exit 0
}
[ -x "$boot" ] || skip "$boot is not there"
command -v qemu-system-aarch64 >/dev/null || skip "qemu-system-aarch64 is not installed"
command -v modprobe >/dev/null || [ -x /sbin/modprobe ] || skip "modprobe (package kmod) is not installed"
[ -e $configuration ] || skip "$configuration (package libasound2-data) is not there"
PATH=$PATH:/sbin:/usr/sbin
mkdir -p "$work"

python3 Tests/system/directions.py "$work/turn"
"$triple-gcc" -std=gnu11 -O2 -Wall -I "$sysroot/include" Tests/board/play.c -L "$sysroot/lib/$triple" -lasound \
  -o "$work/play"
files=("$build/headrace-demo:/bin/headrace-demo" "$work/play:/bin/play"
  Tests/board/sound_on_board.sh:/bin/sound_on_board.sh "$work/turn.raw:/turn.raw" "$work/turn.txt:/turn.txt"
  "$configuration:$configuration")
for library in libjpeg.so.62 libasound.so.2; do
  files+=("$(readlink -f "$sysroot/lib/$triple/$library"):/lib/$library")
done
for library in ld-linux-aarch64.so.1 libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2 librt.so.1; do
  files+=("$(readlink -f "/usr/$triple/lib/$library"):/lib/$library")
done
# The kernel that camera.sh unpacked serves here, too.
kernel=build/board-camera/machine/root
if [ ! -e "$work/machine" ] && compgen -G "$kernel/lib/modules/*/modules.dep" >/dev/null; then
  mkdir "$work/machine"
  ln -s "$PWD/$kernel" "$work/machine/root"
fi
# Console lines end with a carriage return.
MODULES=snd-aloop "$boot" "$work/machine" /bin/sound_on_board.sh "${files[@]}" 2>&1 | tr -d '\r' \
  >"$work/console" || true

python3 - "$work/console" <<'CHECKS' ||
import json, math, re, sys

text = open(sys.argv[1], errors="replace").read()
said = {
    name: (body, int(status))
    for name, body, status in re.findall(r"@begin (\S+)\n(.*?)@end \1 (\d+)", text, re.S)}
number = failures = 0


def check(what, test):
    global number, failures
    number += 1
    try:
        right = test()
    except (KeyError, IndexError, ValueError) as problem:
        right, what = False, f"{what}: {problem!r}"
    failures += not right
    print(f"{'ok' if right else 'not ok'} {number} - {what}")


def lines(name):
    return [json.loads(line) for line in said[name][0].splitlines() if line.startswith("{")]


def rising(found):
    return all(a["time_us"] < b["time_us"] for a, b in zip(found, found[1:]))


def azimuths(found):
    """Those of tracks, where they often are."""
    heard = {}
    for line in found:
        for source in line["src"]:
            degrees = round(math.degrees(math.atan2(source["y"], source["x"])) % 360)
            heard[degrees] = heard.get(degrees, 0) + 1
    return heard


def near(found, wanted):
    return sum(count for degrees, count in azimuths(found).items() if abs(degrees - wanted) <= 5)


def told(name, *words):
    return said[name][1] == 1 and all(word in said[name][0] for word in words)


check("the card is listed", lambda: said["cards"] == ("alsa:0  alsa:Loopback  Loopback\n", 0))
check("an unknown card is told which there are",
      lambda: told("unknown", "no sound card or device alsa:nothing", "0 Loopback (Loopback)"))
live = lines("live")
check("what is played is located where it was",
      lambda: near(live, 60) > 8 and near(live, 200) > 8 and rising(live) and said["live"][1] == 0)
ages = sorted(line["latency_us"] for line in live)
# How far an emulated CPU lags behind is up to what else this machine does.
middle = ages[len(ages) // 2] if ages else 0
check(f"the driver's time stamps tell how old results are: {middle / 1000:.1f} ms", lambda: 0 < middle < 1000000)
check("channels that the card lacks are refused, with what it offers",
      lambda: told("refused", "does not capture 8 channels", "it offers S16_LE, 4 channels, 16000 Hz",
                   "alsa:plughw:0,0 converts"))
check("so is a rate", lambda: told("refused-rate", "at 48000 Hz", "16000 Hz"))
check("ALSA converts both", lambda: len(lines("converted")) > 2 and said["converted"][1] == 0)
check("a card in use is told so", lambda: told("busy", "is in use by another program"))
gap = lines("overrun")
steps = [b["time_us"] - a["time_us"] for a, b in zip(gap, gap[1:])]
check(f"an overrun of three seconds is gone on over, and counts as time: {max(steps, default=0) / 1e6:.3f} s",
      # A machine with much else to do adds overruns of its own.
      lambda: gap[-1]["overruns"] >= 1 and rising(gap) and 2900000 < max(steps) < 6500000)
check("a card that is unplugged is an error that says so",
      lambda: told("gone", "alsa:Loopback is gone: it was unplugged"))
sys.exit(failures > 0)
CHECKS
  {
    grep -v '^{' "$work/console" | sed 's/^/# /' | tail -60
    exit 1
  }
