#!/bin/sh
# demo.sh - what headrace-demo prints, and how it exits. Needs build/host.
set -u
cd "$(dirname "$0")/../.." || exit 1
demo=build/host/bin/headrace-demo
models=build/host/share/headrace/models/bottlefit
work=build/demo-test
mkdir -p $work
python3 Tests/system/pictures.py $work
picture=$work/gray-97x113.pgm

. Tests/system/tap.sh

# exits STATUS COMMAND... - its output goes into $work/out and $work/err.
exits() {
  expected=$1
  shift
  "$@" >$work/out 2>$work/err
  [ $? = "$expected" ]
}

exits 2 $demo && [ ! -s $work/out ]
check "no command at all is wrong usage"
exits 2 $demo bogus --help && [ ! -s $work/out ]
check "help for a command that does not exist is wrong usage"
for arguments in "camera" "enhance $picture -o" "deblur $picture --kernel $picture --output" "run $models/head.hrm -o" \
  "locate --array" "bench" "camera --head" "send --to"; do
  # shellcheck disable=SC2086 # options are single words
  exits 2 $demo $arguments '' && grep -q "is empty" $work/err || echo "$arguments"
done >$work/not-refused
[ ! -s $work/not-refused ]
check "an empty argument, a name of an output for example, is wrong usage"
exits 1 $demo camera $work/none.jpg && [ ! -s $work/out ] && grep -q "No such file" $work/err
check "nothing but the error is printed when the source cannot be opened"

# field KEY... - the value in the JSON object on standard output.
field() {
  python3 -c 'import functools, json, sys
print(functools.reduce(dict.get, sys.argv[2:], json.load(open(sys.argv[1]))))' $work/out "$@"
}

exits 0 $demo camera $picture --json --head $models/head.hrm &&
  [ "$(field milliseconds tail)" = None ] && [ "$(field label)" = None ]
check "without a tail, its time and answer are null"

cp $models/head.hrm $work/mine.hrm && cp $picture $work/mine.ppm
spares() {
  exits 1 $demo run $work/mine.hrm --input $work/mine.ppm --output "$1" && grep -q "choose another" $work/err &&
    cmp -s $models/head.hrm $work/mine.hrm && cmp -s $picture $work/mine.ppm
}
spares $work/mine.hrm && spares $work/mine.ppm && spares $work/../demo-test/mine.ppm
check "run does not overwrite its model or its input"

python3 - $work <<'ARRAYS'
import struct, sys
def save(name, kind, shape, data):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (kind, shape)
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    with open(sys.argv[1] + "/" + name, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)
pixels = 3 * 224 * 224
save("nan.npy", "<f4", (1, 3, 224, 224), struct.pack("<f", float("nan")) * pixels)
save("double.npy", "<f8", (1, 3, 224, 224), bytes(8 * pixels))
save("number.npy", "<f4", (), bytes(4))
ARRAYS
says() { # MESSAGE INPUT...
  message=$1
  shift
  exits 1 $demo run $models/head.hrm "$@" --output $work/latent.npy && grep -q -- "$message" $work/err
}
says NaN --input $work/nan.npy && says "astype(numpy.float32)" --input $work/double.npy &&
  says "it is a single number" --input $work/number.npy
check "an array that the input cannot hold is refused, with the remedy"
says "it is a single number, the input .* is 1 x 3 x 224 x 224" --input $work/number.npy &&
  says NaN --input $work/nan.npy && ! grep -q "224 x 224" $work/err
check "shapes are told where they are what is wrong"
head -c 1000 $models/head.hrm >$work/s
program=$PWD/$demo
! (cd $work && "$program" camera --head s 2>err) && grep -q "^headrace-demo: s: " $work/err
check "a file is named, whatever its name"
exits 1 $demo run $work/none.hrm --input $picture --output $work/latent.npy &&
  [ "$(grep -o none.hrm $work/err | wc -l)" = 1 ]
check "and once"
says "takes 1 of --input" --input $picture --input $picture
check "one input too many is counted"

cp $models/head.hrm $work/real.hrm && ln -sf real.hrm $work/link.npy
exits 0 $demo run $models/head.hrm --input $picture --output $work/link.npy && [ -L $work/link.npy ] &&
  head -c 6 $work/real.hrm | grep -q NUMPY
check "run writes through a symbolic link"

exits 0 $demo camera $picture --threads 1 && grep -q ", 1 thread, " $work/out &&
  exits 0 $demo camera $picture --threads 2 && grep -q ", 2 threads, " $work/out &&
  exits 0 $demo bench $models/head.hrm --repeat 1 && grep -q " of 1 run$" $work/out
check "one is no plural"
exits 0 $demo bench $models/head.hrm --json --repeat 2 && field frame_640x480_ms yuyv | grep -q '^[0-9.]*$' &&
  exits 0 $demo bench Tests/bench/head.float32.hrm --repeat 1
check "bench times frames of networks that take pictures"
exits 0 $demo bench $models/../split/head.hrm --json --repeat 2 && python3 -c 'import json, sys
packets = json.load(open(sys.argv[1]))["packets"]
assert [p["rate"] for p in packets] == [0, 1, 2, 3, 4, 5] and all(p["milliseconds"] > 0 for p in packets)
assert all(a["bytes"] < b["bytes"] for a, b in zip(packets, packets[1:]))' $work/out &&
  exits 0 $demo bench Tests/bench/head.float32.hrm --json --repeat 1 && ! grep -q packets $work/out
check "bench times packets of heads with an integer latent"

recordings=../shared/data/audio/respeaker_usb
# azimuths RECORDING OPTION... - those of the tracks in the last second, in the array's own coordinates, sorted.
azimuths() {
  exits 0 $demo locate "$@" --array respeaker-usb --json && python3 - $work/out <<'LINES'
import json, math, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert all(set(line) == {"timeStamp", "time_us", "level_db", "noise_db", "active", "src"} for line in lines)
times = [line["time_us"] for line in lines]
assert times == sorted(times) and [line["timeStamp"] for line in lines] == list(range(len(lines)))
heard = {}
for line in lines:
    for source in line["src"]:
        heard.setdefault(source["id"], []).append(math.degrees(math.atan2(source["y"], source["x"])) % 360)
# Of every track that lasted a second: the middle one of its azimuths.
print(*sorted(sorted(found)[len(found) // 2] for found in heard.values() if len(found) > 15))
LINES
}
# near DEGREES AZIMUTH... - whether each of these has one of the words of $found so near, around the circle.
near() {
  python3 -c 'import sys
found, most, *wanted = list(map(float, sys.argv[1].split())), *map(float, sys.argv[2:])
close = lambda a, b: abs((a - b + 180) % 360 - 180) < most
sys.exit(not all(any(close(a, b) for a in found) for b in wanted))' "$found" "$@"
}
if [ -d $recordings ]; then
  # The folders name azimuths in ODAS' frame, which is this one turned by -135 degrees.
  status=0
  for file in $recordings/a180e20/*/*.wav; do found=$(azimuths "$file") && near 3 315 || status=1; done
  [ $status = 0 ]
  check "a talker in a real room is found where he stood"
  status=0
  for file in $recordings/a180e20_a225e35/*/*.wav; do found=$(azimuths "$file") && near 15 315 0 || status=1; done
  [ $status = 0 ]
  check "so are two who talk at once, 45 degrees apart, within 15 degrees"
  status=0
  for file in $recordings/a180e20/*/*.wav; do found=$(azimuths "$file" --method samples) && near 3 315 || status=1; done
  for file in $recordings/a180e20_a225e35/*/*.wav; do
    found=$(azimuths "$file" --method samples) && near 15 315 0 || status=1
  done
  [ $status = 0 ]
  check "all of them are found by networks that read samples too"
else
  for name in "a talker in a real room is found where he stood" \
    "so are two who talk at once, 45 degrees apart, within 15 degrees" \
    "all of them are found by networks that read samples too"; do
    number=$((number + 1))
    echo "ok $number - $name # SKIP $recordings is not there"
  done
fi
printf '# ReSpeaker USB\n0 -0.032 0\n1, 0, -0.032\n2 0.032 0 0 # east\n\n3 0 .032 0\n' >$work/array.txt
if [ -d $recordings ]; then
  file=$(ls $recordings/a180e20/*/*.wav | head -1)
  exits 0 $demo locate "$file" --array respeaker-usb --json && cp $work/out $work/named &&
    exits 0 $demo locate "$file" --array $work/array.txt --json && cmp -s $work/out $work/named
  check "an array from a file is as good as the same by name"
  # As recorders write: the size is not known yet, and pieces come as they come.
  { head -c 40 "$file" && printf '\377\377\377\177' && tail -c +45 "$file"; } >$work/stream.wav
  dd if=$work/stream.wav bs=777 2>/dev/null |
    $demo locate - --array respeaker-usb --json >$work/out && cmp -s $work/out $work/named
  check "a stream on standard input is heard as the file is"
else
  number=$((number + 2))
  echo "ok $((number - 1)) - a stream on standard input is heard as the file is # SKIP $recordings is not there"
  echo "ok $number - an array from a file is as good as the same by name # SKIP $recordings is not there"
fi
refused() { # MESSAGE LINES
  printf "$2" >$work/array.txt
  exits 1 $demo locate $picture --array $work/array.txt && grep -q -- "$1" $work/err
}
refused "line 2: not a number" '0 0 0\n1 x 0\n' && refused "line 1: more than" '0 0 0 0 0\n' &&
  refused "line 2: a comma inside a number" '0 0 0\n1 0,05 0\n' &&
  refused "line 1: a channel" '64 0 0\n' && refused "fewer than two" '# none\n' &&
  refused "line 1: not a number" '0 nan 0\n1 0 1' && refused "line 17: more micro" "$(seq 0 16 | sed 's/$/ 0 0/')"
check "a description of microphones that is wrong is refused, with its line"
python3 Tests/system/directions.py $work/two 0.7
exits 0 $demo locate $work/two.wav --array $work/two.txt --check-array && grep -q "fits, or its mirror" $work/out
check "microphones that are where they are said to be fit what is heard"
tr ' ' , <$work/two.txt >$work/comma.txt && sed 's/,/, /g' $work/comma.txt >$work/list.txt
exits 0 $demo locate $work/two.wav --array $work/comma.txt --check-array &&
  exits 0 $demo locate $work/two.wav --array $work/list.txt --check-array
check "commas may separate a microphone's numbers"
awk 'NR == 1 { $1 = 1 } NR == 2 { $1 = 0 } 1' $work/two.txt >$work/swapped.txt
exits 1 $demo locate $work/two.wav --array $work/swapped.txt --check-array &&
  grep -q "does not fit: .* with channels .*1 and 0.* swapped" $work/out
check "two channels that are swapped are named"
python3 - $work/two.wav $work/dead.wav <<'DEAD'
import sys, wave
with wave.open(sys.argv[1]) as heard, wave.open(sys.argv[2], "wb") as dead:
    dead.setparams(heard.getparams())
    samples = bytearray(heard.readframes(heard.getnframes()))
    for byte in (4, 5):
        samples[byte::8] = bytes(len(samples[byte::8]))
    dead.writeframes(samples)
DEAD
exits 1 $demo locate $work/dead.wav --array $work/two.txt --check-array && grep -q "channel 2: -.* dead" $work/out &&
  grep -q "fits is to be heard once its microphones are in order" $work/out
check "a dead channel is named, and nothing is said to fit with it"
exits 0 $demo locate $work/dead.wav --array $work/two.txt &&
  grep -q "microphone 3, channel 2, hears nothing, where others do" $work/err && [ "$(wc -l <$work/err)" = 1 ] &&
  exits 0 $demo locate $work/two.wav --array $work/two.txt && [ ! -s $work/err ]
check "directions from an array with a dead microphone come with a word about it"
exits 0 $demo locate $work/two.wav --array $work/two.txt --period 9999 && [ ! -s $work/out ] &&
  grep -q "ended after 2.400 s, before a first result" $work/err
check "sound that is too short for a result is said to be"
cp build/host/share/headrace/models/beamlearning/circle-4.hrm $work/alone.hrm
exits 1 $demo locate $work/two.wav --method samples --model $work/alone.hrm &&
  grep -q "alone.judge.hrm is not there" $work/err
check "a network of samples without its judge is refused, with where to put it"
# The first channel on the third, and the second 26 dB lower.
python3 - $work/two.wav $work/copy.wav $work/faint.wav <<'BROKEN'
import array, sys, wave
with wave.open(sys.argv[1]) as heard:
    shape, samples = heard.getparams(), array.array("h", heard.readframes(heard.getnframes()))
copy, faint = array.array("h", samples), array.array("h", samples)
copy[2::4] = samples[0::4]
faint[1::4] = array.array("h", (x // 20 for x in samples[1::4]))
for path, frames in ((sys.argv[2], copy), (sys.argv[3], faint)):
    with wave.open(path, "wb") as out:
        out.setparams(shape)
        out.writeframes(frames.tobytes())
BROKEN
exits 1 $demo locate $work/copy.wav --array $work/two.txt --check-array &&
  grep -q "channel 2: .*, the same as channel 0" $work/out &&
  exits 1 $demo locate $work/faint.wav --array $work/two.txt --check-array && grep -q "channel 1: .*, far below" $work/out
check "a channel that copies another, and one far fainter than the others, are named"
python3 - $work/two.wav $work/later.wav <<'LATER'
import array, sys, wave
with wave.open(sys.argv[1]) as heard:
    shape, samples = heard.getparams(), array.array("h", heard.readframes(heard.getnframes()))
later = array.array("h", samples)
for frame in range(16000, len(samples) // 4):
    later[4 * frame + 3] = -(samples[4 * frame + 1] // 2)
with wave.open(sys.argv[2], "wb") as out:
    out.setparams(shape)
    out.writeframes(later.tobytes())
LATER
exits 0 $demo locate $work/later.wav --array $work/two.txt &&
  grep -q "microphone 4, channel 3, hears the same as microphone 2" $work/err && [ "$(wc -l <$work/err)" = 1 ]
check "a channel that copies another from some time on, fainter and inverted, is named then"
# The first channel on all of them, and constants that differ.
python3 - $work/two.wav $work/copies.wav $work/constant.wav <<'ALIKE'
import array, sys, wave
with wave.open(sys.argv[1]) as heard:
    shape, first = heard.getparams(), array.array("h", heard.readframes(heard.getnframes()))[::4]
constants = (9000, -4000, 1, 0)
for path, frames in ((sys.argv[2], ((x,) * 4 for x in first)), (sys.argv[3], (constants for _ in first))):
    with wave.open(path, "wb") as out:
        out.setparams(shape)
        out.writeframes(array.array("h", (x for frame in frames for x in frame)).tobytes())
ALIKE
silent() { exits 0 $demo locate "$@" && [ ! -s $work/out ]; }
status=0
for method in music wideband-music srp-phat "music --type fixed" network "network --type fixed" \
  "samples --type float32" "samples --type fixed"; do
  # shellcheck disable=SC2086 # options are single words
  silent $work/copies.wav --method $method && grep -q "channel 1, hears the same as microphone 1" $work/err &&
    silent $work/constant.wav --method $method && grep -q "nothing stood out in" $work/err &&
    [ "$(wc -l <$work/err)" = 1 ] || status=1
done
[ $status = 0 ]
check "one channel on all of them, and constants, come from nowhere"
exits 0 $demo locate $work/two.wav --array $work/two.txt --method network --json && python3 - $work/out <<'LINES'
import json, math, sys
heard = {}
for line in map(json.loads, open(sys.argv[1])):
    for source in line["src"]:
        heard.setdefault(source["id"], []).append(math.degrees(math.atan2(source["y"], source["x"])) % 360)
found = sorted(azimuths[-1] for azimuths in heard.values())
assert len(found) == 2 and abs(found[0] - 60) < 5 and abs(found[1] - 200) < 5, found
LINES
check "a network follows two sources of an array that it was not trained with"
exits 1 $demo locate $work/two.wav --array $work/two.txt --method network --model $models/head.hrm &&
  grep -q "does not read maps of directions" $work/err
check "a network that does something else is refused"
# The same microphones, from coordinates that are turned by 45 degrees.
printf '0 .041 0 0\n1 0 .041 0\n2 -.041 0 0\n3 0 -.041 0\n' >$work/turned.txt
status=0
for type in float32 fixed; do
  exits 0 $demo locate $work/two.wav --array $work/turned.txt --method samples --type $type --json &&
    python3 - $work/out <<'LINES' || status=1
import json, math, sys
heard = {}
for line in map(json.loads, open(sys.argv[1])):
    for source in line["src"]:
        heard.setdefault(source["id"], []).append(math.degrees(math.atan2(source["y"], source["x"])) % 360)
found = sorted(azimuths[-1] for azimuths in heard.values())
assert len(found) == 2 and abs(found[0] - 15) < 5 and abs(found[1] - 155) < 5, found
LINES
done
[ $status = 0 ]
check "networks that read samples follow two sources of an array that is like theirs"
exits 1 $demo locate $work/two.wav --array $work/two.txt --method samples &&
  grep -q "circle-4.hrm: the microphones do not stand where" $work/err &&
  head -3 $work/turned.txt >$work/three.txt &&
  exits 1 $demo locate $work/two.wav --array $work/three.txt --method samples &&
  grep -q "circle-3.hrm is not there: .*--method network" $work/err &&
  exits 1 $demo locate $work/two.wav --array $work/turned.txt --method samples --model $models/head.hrm &&
  grep -q "head.judge.hrm" $work/err
check "an array that they are not for, or another model, is refused"
exits 2 $demo locate $work/two.wav --method music --model $models/head.hrm && grep -q "for --method network" $work/err &&
  exits 2 $demo locate $work/two.wav --method network --elevations 3 && grep -q "no elevation" $work/err &&
  exits 2 $demo locate $work/two.wav --method samples --elevations 3 && grep -q "no elevation" $work/err
check "options that the method has no use for are wrong usage"
exits 0 $demo locate $work/two.wav --array $work/two.txt --json --method network && cp $work/out $work/network &&
  exits 0 $demo locate $work/two.wav --array $work/two.txt --json && cmp -s $work/out $work/network &&
  exits 0 $demo locate $work/two.wav --array $work/two.txt --json --method music && cp $work/out $work/music &&
  exits 0 env HEADRACE_MODELS=$work/none $demo locate $work/two.wav --array $work/two.txt --json &&
  cmp -s $work/out $work/music && ! cmp -s $work/music $work/network
check "the network is taken where its model is found, and else votes are counted"
printf '0 120000000 0 0\n1 120000008 0 0\n' >$work/far.txt
exits 1 $demo locate $work/two.wav --array $work/far.txt && grep -q "far.txt: a microphone is not within" $work/err
check "microphones beyond reason are refused, and their file is named"
printf '0 -.06 0 0\n1 -.02 0 0\n2 .02 0 0\n3 .06 0 0\n' >$work/line.txt
exits 0 $demo locate $work/two.wav --array $work/line.txt --json && cp $work/out $work/line &&
  exits 0 $demo locate $work/two.wav --array $work/line.txt --json --method music && cmp -s $work/out $work/line
check "votes are counted where microphones are in a line"
exits 0 $demo locate $work/two.wav --array $work/two.txt --json --delays --type fixed &&
  python3 -c 'import json, sys
last = json.loads(open(sys.argv[1]).read().splitlines()[15])
sys.exit(not (len(last["delays_us"]) == 4 and last["level_db"] < 0 and last["active"] in (True, False)))' $work/out
check "the JSON tells level, activity and delays"
exits 2 $demo locate $work/two.wav --delays && grep -q "delays is for --json" $work/err &&
  exits 2 $demo locate $work/two.wav --show both && grep -q "show is for --json" $work/err &&
  exits 2 $demo locate $work/two.wav --check-array --json && exits 2 $demo locate --cards --json &&
  exits 2 $demo locate $work/two.wav --cards && exits 2 $demo locate $work/two.wav --check-array --method music &&
  exits 2 $demo locate $work/two.wav --check-array --window 500 && grep -q "leave out --window" $work/err
check "options that would tell nothing are wrong usage"
python3 - $work/two.wav $work/notes.wav <<'NOTES'
import sys
heard = open(sys.argv[1], "rb").read()
notes = b"LIST" + (200001).to_bytes(4, "little") + bytes(200002)
open(sys.argv[2], "wb").write(heard[:12] + notes + heard[12:36] + notes + heard[36:])
NOTES
exits 0 $demo locate $work/two.wav --array $work/two.txt --json --method music && cp $work/out $work/music &&
  exits 0 $demo locate $work/notes.wav --array $work/two.txt --json --method music && cmp -s $work/out $work/music &&
  $demo locate - --array $work/two.txt --json --method music <$work/notes.wav >$work/out && cmp -s $work/out $work/music
check "notes of any length in front of the samples are skipped"
head -c 64044 $work/two.wav >$work/short.wav
exits 0 $demo locate $work/short.wav --array $work/two.txt --json && [ "$(wc -l <$work/out)" = 7 ] &&
  grep -q "short.wav: the sound ends after 0.50 s and was to last .* s: the rest is cut off" $work/err &&
  exits 0 $demo locate $work/two.wav --array $work/two.txt --json && [ ! -s $work/err ]
check "a recording that is cut off is heard to its end, and that is told"
python3 - $work/nan.wav <<'NAN'
import struct, sys
samples = struct.pack("<4f", 0, 0, 0, 0) * 3000 + struct.pack("<4f", 0, float("nan"), 0, 0)
form = struct.pack("<IHHIIHH", 16, 3, 4, 16000, 256000, 16, 32)
open(sys.argv[1], "wb").write(b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + form + b"data"
                              + struct.pack("<I", len(samples)) + samples)
NAN
exits 1 $demo locate $work/nan.wav --array $work/two.txt &&
  grep -q "nan.wav, shortly before 0.19 s: a sample is not a number" $work/err
check "a sample that is no number is told, with its place"
exits 1 $demo locate - <$picture && grep -q "standard input is no WAV file" $work/err &&
  exits 1 $demo locate - </dev/null
check "what is no stream of sound is refused"
exits 1 $demo locate $picture && grep -q "is no WAV file" $work/err
check "what is no recording is refused"
exits 1 $demo locate $picture --array nonsense && grep -q uma-8 $work/err && exits 2 $demo locate
check "an unknown array is told which there are, and no recording at all is wrong usage"

(ulimit -v 10000 && exits 1 $demo bench $models/head.hrm --repeat 1000000) && grep -q memory $work/err
check "where memory is short, bench says so"

jpeg=Tests/fuzz/corpus/picture/baseline.jpg
cat $jpeg $jpeg >$work/two.jpg
exits 0 $demo camera $work/two.jpg --json && [ "$(field jpeg_bytes)" = "$(wc -c <$jpeg)" ]
check "bytes behind a JPEG are not counted as its own"

python3 - $jpeg $work/turned.jpg <<'TURNED'
import sys
jpeg = open(sys.argv[1], "rb").read()
exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
open(sys.argv[2], "wb").write(jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:])
TURNED
exits 0 $demo camera $jpeg --json && upright=$(field payload_crc32c) && exits 0 $demo camera $work/turned.jpg --json &&
  [ "$(field payload_crc32c)" = "$upright" ] && exits 0 $demo camera --help && grep -q "Exif .* not followed" $work/out &&
  exits 0 $demo run --help && grep -q "Exif .* not followed" $work/out
check "pictures are taken as they are stored, whatever Exif says, and --help says so"

# interrupted ARGUMENT... - whether a job on a file that SIGTERM interrupts after its first line says so. It cannot end
# before that: nobody reads the rest of its lines, which fill the pipe.
interrupted() {
  rm -f $work/lines
  mkfifo $work/lines
  $demo "$@" >$work/lines 2>$work/err &
  exec 3<$work/lines
  read -r line <&3
  kill -TERM $!
  cat <&3 >$work/rest
  exec 3<&-
  wait $!
  [ $? = 143 ] && [ -n "$line" ] && grep -q "interrupted after [0-9.]* [a-z]*; run it again" $work/err
}
for _ in $(seq 2000); do cat $jpeg; done >$work/long.mjpeg
interrupted camera $work/long.mjpeg --json
check "a list of what an MJPEG file shows that is interrupted is no success"
python3 - $work/two.wav $work/long.wav <<'LONG'
import sys, wave
with wave.open(sys.argv[1]) as heard, wave.open(sys.argv[2], "wb") as long:
    long.setparams(heard.getparams())
    long.writeframes(heard.readframes(heard.getnframes()) * 200)
LONG
interrupted locate $work/long.wav --array $work/two.txt --json --method music
check "nor is a recording that is not heard to its end"
$demo locate $work/long.wav --array $work/two.txt --check-array >$work/out 2>$work/err &
# Before that, a shell has what it runs in the background ignore Ctrl-C.
catches_interrupt() { [ $((0x$(awk '/^SigCgt:/ { print $2 }' /proc/$1/status) & 2)) != 0 ]; }
until catches_interrupt $! || ! kill -0 $! 2>/dev/null; do sleep 0.05; done
kill -INT $!
wait $!
[ $? = 130 ] && grep -q "interrupted after [0-9.]* s; run it again" $work/err && [ ! -s $work/out ]
check "nor is an array that part of a recording fits"
rm -f $work/live && mkfifo $work/live
$demo locate - --array $work/two.txt --json --method music <$work/live >$work/out 2>$work/err &
exec 3>$work/live
cat $work/two.wav >&3
until [ -s $work/out ] || ! kill -0 $! 2>/dev/null; do sleep 0.05; done
kill -INT $!
exec 3>&-
wait $! && [ ! -s $work/err ] && python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' <$work/out
check "sound that comes until Ctrl-C is a success, with all that was told"
$demo --help >$work/out && grep -q "128 and the signal" $work/out
check "and --help says which exit status is which"

if [ -c /dev/full ]; then
  full() { timeout 60 $demo "$@" >/dev/full 2>$work/err; [ $? = 1 ] && grep -q "output could not be written: No space" $work/err; }
  full --help && full bench $models/head.hrm --repeat 1 --json && full camera $picture --json &&
    full run $models/head.hrm --input $picture --output $work/latent.npy &&
    full locate $work/two.wav --array $work/two.txt --check-array
  check "what a full disk does not take is no success"
  { head -c 40 $work/two.wav && printf '\377\377\377\177' && tail -c +45 $work/two.wav && cat /dev/zero; } 2>/dev/null |
    full locate - --array $work/two.txt --json --method music && full send --to udp://127.0.0.1:9 --json
  check "and ends what has no end"
fi

for part in head tail; do python3 Tests/system/hostile_names.py $models/$part.hrm $work/$part.hrm; done
# The bytes of control characters but for newlines; U+0080 ... U+009F in UTF-8.
controls="$(printf '[\001-\011\013-\037\177]|\302[\200-\237]')"
harmless() { grep -aq 'u{1B}c' $work/out && ! LC_ALL=C grep -aqE "$controls" $work/out; }
exits 0 $demo camera $picture --head $work/head.hrm --tail $work/tail.hrm && harmless
check "a hostile label does not steer the terminal"
exits 0 $demo bench $work/head.hrm --repeat 1 && harmless
check "nor does a tensor's name in bench"
exits 0 $demo run $work/head.hrm --input $picture --output $work/latent.npy && harmless
check "nor does an output's name in run"
exits 0 $demo camera $picture --json --head $work/head.hrm --tail $work/tail.hrm &&
  ! LC_ALL=C grep -aqE "$controls" $work/out && [ "$(field label | head -c 2)" = "$(printf '\033c')" ]
check "JSON holds a hostile label, escaped"
hostile=$(printf '%s/\033c\nname' $work)
cp $models/head.hrm "$hostile.hrm"
{
  $demo bench "$hostile.hrm" --repeat 1
  $demo bench "$hostile" --threads "$hostile"
  $demo "$hostile"
  $demo locate --array "$hostile" $work/none.wav
  $demo run "$hostile.hrm" --input $picture --output "$hostile.npy"
  $demo camera $picture --head "$hostile.hrm"
  cp $work/two.txt "$hostile.txt"
  $demo locate $work/two.wav --array "$hostile.txt" --check-array
  printf '0 0 0\n9 1 0\n' >"$hostile.txt"
  $demo locate $work/two.wav --array "$hostile.txt"
} >$work/out 2>$work/err
! LC_ALL=C grep -aqE "$controls" $work/out && ! LC_ALL=C grep -aqE "$controls" $work/err &&
  [ "$(grep -c '\\u{1B}c\\u{A}name' $work/out)" -ge 3 ] && [ "$(grep -c '\\u{1B}c\\u{A}name' $work/err)" -ge 3 ]
check "nor do names of files and values of options reach the terminal as they are"
[ $failures = 0 ]
