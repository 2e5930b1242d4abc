#!/bin/bash
# alsa.sh - headrace-demo locate captures from ALSA: through a plug-in that paces a recording as a sound card
# does, with its constraints, overruns and its end. Needs build/host. Prints TAP.
#
# The plug-in is ../shared/tools/alsa/pacedmic.c; without it the test says that it is skipped.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
demo=build/host/bin/headrace-demo
plugin=../shared/tools/alsa/pacedmic.c
work=$PWD/build/alsa-test

skip() {
  echo "ok 1 - locating sound from ALSA # SKIP $1"
  exit 0
}
[ -e $plugin ] || skip "$plugin is not there"
rm -rf "$work"
mkdir -p "$work"
gcc -shared -fPIC -O1 -DPIC $plugin -lasound -o "$work/pacedmic.so" 2>"$work/err" ||
  skip "$plugin could not be compiled; is libasound2-dev installed?"
python3 Tests/system/directions.py "$work/turn"
# The same in other formats; the upper byte of S24_LE may be anything.
codings="S32_LE S24_LE S24_3LE FLOAT_LE"
python3 - "$work/turn" <<'RAW'
import array, sys
samples = array.array("h", open(sys.argv[1] + ".raw", "rb").read())
def save(name, data):
    open(f"{sys.argv[1]}.{name}", "wb").write(data)
save("S32_LE", array.array("i", (sample << 16 for sample in samples)).tobytes())
save("S24_LE", b"".join((sample << 8 & 0xffffff).to_bytes(3, "little") + b"\x5a" for sample in samples))
save("S24_3LE", b"".join((sample << 8 & 0xffffff).to_bytes(3, "little") for sample in samples))
save("FLOAT_LE", array.array("f", (sample / 32768 for sample in samples)).tobytes())
RAW

# paced NAME FILE OPTION... - one more ALSA device, which paces a recording; device NAME OPTION... - that of 16 bits.
paced() {
  local name=$1 file=$2
  shift 2
  echo "pcm.$name { type pacedmic infile \"$work/$file\" channels 4 rate 16000 $* }"
}
device() { paced "$1" turn.raw "${@:2}"; }
{
  echo "pcm_type.pacedmic { lib \"$work/pacedmic.so\" }"
  device card 'format "S16_LE"'
  device fast 'format "S16_LE" speed 4.0'
  device late 'format "S16_LE" xrun_at 8000'
  device endless 'format "S16_LE" loop 1'
  device silent 'format "S16_LE" speed 0.000001'
  for coding in $codings; do paced "$coding" "turn.$coding" "format \"$coding\""; done
  device mulaw 'format "MU_LAW"'
  echo 'pcm.converting { type plug slave.pcm "fast" }'
} >"$work/asound.conf"
export ALSA_CONFIG_PATH=$work/asound.conf

number=0 failures=0
# check NAME - whether the command before it succeeded.
check() {
  local status=$?
  number=$((number + 1))
  if [ $status = 0 ]; then echo "ok $number - $1"; else
    echo "not ok $number - $1"
    sed 's/^/# /' "$work/err" | head -5
    failures=$((failures + 1))
  fi
}
# locate STATUS DEVICE [OPTION...] - its output goes into $work/out and $work/err.
locate() {
  local expected=$1 device=$2
  shift 2
  timeout 20 $demo locate "alsa:$device" --array "$work/turn.txt" --sources 1 "$@" >"$work/out" 2>"$work/err"
  [ $? = "$expected" ]
}
says() { grep -q -- "$1" "$work/err" && [ "$(wc -l <"$work/err")" = 1 ]; }
# catching GROUP - `program` becomes the one that timeout began, once Ctrl-C would reach it: until then what a shell
# runs in the background ignores it, and on a busy machine that takes longer than any fixed pause.
catching() {
  local tries caught
  for ((tries = 0; tries < 100; tries++)); do
    if program=$(pgrep -P "$1" -x headrace-demo); then
      caught=$(awk '/^SigCgt:/ { print $2 }' "/proc/$program/status")
      ((0x${caught:-0} & 2)) && return
    fi
    sleep 0.1
  done
  return 1
}
# compare PYTHON - an expression of `live` and `file`, the JSON objects of the capture and of the recording.
compare() {
  python3 - "$work/out" "$work/file" "$1" 2>>"$work/err" <<'LINES'
import json, math, sys
live, file = ([json.loads(line) for line in open(path)] for path in sys.argv[1:3])
azimuth = lambda source: math.degrees(math.atan2(source["y"], source["x"])) % 360
times = [line["time_us"] for line in live]
rising = all(a < b for a, b in zip(times, times[1:]))
lasting = [i for i in range(1, 9) if sum(s["id"] == i for line in live for s in line["src"]) > 15]
median = lambda values: sorted(values)[len(values) // 2]
azimuths = [
    median([azimuth(s) for line in live for s in line["src"] if s["id"] == i]) for i in lasting]
assert eval("(" + sys.argv[3] + ")"), (len(live), len(file), rising, azimuths, live[-1:])
LINES
}

$demo locate "$work/turn.wav" --array "$work/turn.txt" --sources 1 --json >"$work/file"
same='len(live) >= len(file) and rising and all(
  a["src"] == b["src"] and a["time_us"] == b["time_us"] for a, b in zip(live, file))'
locate 1 card --json && compare "$same and abs(azimuths[0] - 60) < 4 and abs(azimuths[1] - 200) < 4"
check "what a card captures is located as the recording of it is"
says "alsa:card delivers nothing any more.*it was unplugged"
check "the end of a device is an error that says so"
cp "$work/out" "$work/paced"
compare 'all(0 < line["latency_us"] < 1000000 and "overruns" not in line for line in live) and
  median([line["latency_us"] for line in live]) < 60000'
check "results tell how old the newest sample is, and that is not old"
locate 1 fast --json && compare "$same"
check "a card that is four times as fast is followed"
locate 1 converting --array respeaker-4 && says "alsa:converting delivers nothing any more" && grep -q "degrees" "$work/out"
check "a device that converts is captured from, too"

locate 1 late --json && compare 'rising and live[-1]["overruns"] == 1 and "overruns" not in live[0] and
  abs(azimuths[0] - 60) < 4 and abs(azimuths[1] - 200) < 4' && grep -q "1 overrun so far" "$work/err"
check "an overrun is gone on over, and counted"

# Stopped for longer than the device's buffer, the program loses what came then, and time says so.
timeout 20 $demo locate alsa:endless --array "$work/turn.txt" --json >"$work/out" 2>"$work/err" &
group=$!
catching $group && sleep 0.5 && kill -STOP "$program" && sleep 2 && kill -CONT "$program" && sleep 1 && kill -INT "$program" && wait $group &&
  compare 'rising and live[-1]["overruns"] == 1 and 1900000 < max(b - a for a, b in zip(times, times[1:])) <
    3000000 and 3200000 < times[-1] + live[-1]["latency_us"] < 5000000' &&
  says "1 overrun so far, [12]\.[0-9]* s lost"
check "what was lost while the program stood still counts as time; Ctrl-C ends it"

locate 1 card --array respeaker-6 && says "does not capture 8 channels at 16000 Hz; it offers S16_LE, 4 channels, 16000 Hz"
check "channels that a card lacks are refused, with what it offers"
locate 1 mulaw && says "it offers MU_LAW, 4 channels"
check "so are formats that are not known"
locate 1 nonsense && says "there is no sound card or device alsa:nonsense; cards that capture here: "
check "an unknown card is told which there are"
locate 1 7 && says "no sound card or device alsa:7"
check "so is a number that no card has"
begun=$SECONDS
locate 1 silent && says "delivered nothing for 5 s" && [ $((SECONDS - begun)) -le 7 ]
check "a card that delivers nothing is given up after five seconds"

timeout 20 $demo locate alsa:silent --array "$work/turn.txt" 2>"$work/err" &
group=$!
catching $group && begun=${EPOCHREALTIME/./} && kill -INT "$program" && wait $group &&
  [ $((${EPOCHREALTIME/./} - begun)) -lt 2000000 ]
check "Ctrl-C ends waiting for a card at once"
# Side by side, and no faster than a card is: of one that is, the machine may stand still for a quarter of the time only
# before it is an overrun.
declare -A programs
for coding in $codings; do
  timeout 20 $demo locate "alsa:$coding" --array "$work/turn.txt" --sources 1 --json >"$work/out.$coding" \
    2>"$work/err.$coding" &
  programs[$coding]=$!
done
status=0
for coding in $codings; do
  wait "${programs[$coding]}"
  [ $? = 1 ] && mv "$work/out.$coding" "$work/out" && mv "$work/err.$coding" "$work/err" && compare "$same" && continue
  status=1
  cat "$work/err" >>"$work/failed"
done
[ $status = 0 ] || mv "$work/failed" "$work/err"
[ $status = 0 ]
check "samples of 24 and 32 bits and floats are heard as those of 16 are"
[ $failures = 0 ]
