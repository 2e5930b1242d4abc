#!/bin/bash
# soak_sound.sh [HOURS [SPEED]] - hours of sound (24) from ALSA into headrace-demo locate, so many times as fast as
# in life (60), through a plug-in that paces a recording; needs build/host. Every few seconds the program is
# stopped for longer than the device's buffer lasts, which overruns it. Fails if the program ends, if time or the
# counts go back, if overruns go uncounted, or if memory grows by 1 MB; prints figures. Prints TAP.
#
# The plug-in is ../shared/tools/alsa/pacedmic.c; without it the test says that it is skipped.
set -euo pipefail
cd "$(dirname "$0")/../.."
hours=${1:-24} speed=${2:-60}
demo=build/host/bin/headrace-demo
plugin=../shared/tools/alsa/pacedmic.c
work=$PWD/build/soak-sound

if [ ! -e $plugin ]; then
  echo "ok 1 - sound from ALSA for $hours hours # SKIP $plugin is not there"
  exit 0
fi
mkdir -p "$work"
gcc -shared -fPIC -O1 -DPIC $plugin -lasound -o "$work/pacedmic.so"
python3 Tests/system/directions.py "$work/turn" 20
cat >"$work/asound.conf" <<CONF
pcm_type.pacedmic { lib "$work/pacedmic.so" }
pcm.soak { type pacedmic infile "$work/turn.raw" channels 4 rate 16000 format "S16_LE" loop 1 speed $speed.0
  xrun_at 100000 }
CONF
export ALSA_CONFIG_PATH=$work/asound.conf

python3 - "$hours" "$speed" $demo locate alsa:soak --array "$work/turn.txt" --json 2>"$work/err" <<'SOAK' ||
import json, os, resource, signal, subprocess, sys, threading, time

hours, speed, command = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
WARM_UP, PAUSE = 5, 4  # seconds
program = subprocess.Popen(command, stdout=subprocess.PIPE)
begun, stops, resident = time.monotonic(), 0, []


def memory():
    for line in open(f"/proc/{program.pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])


def disturb():
    """Stops the program again and again, and notes its memory."""
    global stops
    try:
        time.sleep(WARM_UP)
        while program.poll() is None:
            resident.append(memory())
            program.send_signal(signal.SIGSTOP)
            time.sleep(0.1 + 1.5 / speed)
            program.send_signal(signal.SIGCONT)
            stops += 1
            time.sleep(PAUSE)
    except (OSError, TypeError):
        pass  # it has ended


threading.Thread(target=disturb, daemon=True).start()
before, lines, overruns, ages = None, 0, 0, []
for text in program.stdout:
    line = json.loads(text)
    assert line["timeStamp"] == lines, f"result {lines} says it is {line['timeStamp']}"
    assert before is None or line["time_us"] > before["time_us"], f"time went back: {before} {line}"
    assert line.get("overruns", 0) >= overruns, "the count of overruns went back"
    before, overruns = line, line.get("overruns", 0)
    lines += 1
    ages.append(line["latency_us"])
    if len(ages) > 100000:
        ages = sorted(ages)[::10]
    if line["time_us"] >= hours * 3600e6:
        break
    if lines % 100000 == 0:
        print(f"# {line['time_us'] / 3600e6:.2f} hours, {overruns} overruns, {resident[-1:]} KiB", flush=True)
last = time.monotonic() - begun
program.send_signal(signal.SIGCONT)
program.send_signal(signal.SIGINT)
program.stdout.read()
status = program.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
growth = max(resident) - resident[0]
ages.sort()
print(f"# {before['time_us'] / 3600e6:.2f} hours of sound in {last:.0f} s: {lines} results, {stops} stops,"
      f" {overruns} overruns")
print(f"# memory {resident[0]} KiB after {WARM_UP} s, {max(resident)} KiB at most; CPU"
      f" {used.ru_utime + used.ru_stime:.1f} s; latency {ages[len(ages) // 2] / 1000:.1f} ms in the middle")
assert status == 0, f"the program ended with {status}"
assert before["time_us"] >= hours * 3600e6, "the program ended early"
assert overruns > stops * 0.9, f"{stops} stops, but {overruns} overruns"
assert growth < 1024, f"memory grew by {growth} KiB"
SOAK
  {
    sed 's/^/# /' "$work/err" | tail -20
    echo "not ok 1 - sound from ALSA for $hours hours, $speed times as fast"
    exit 1
  }
echo "ok 1 - sound from ALSA for $hours hours, $speed times as fast"
