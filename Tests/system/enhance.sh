#!/bin/bash
# enhance.sh - what headrace-demo enhance makes of pictures, folders and videos, and what it refuses. Needs
# build/host. Prints TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
demo=build/host/bin/headrace-demo
work=build/enhance-test
rm -rf "$work"
mkdir -p "$work/dark"

. Tests/system/tap.sh
enhance() { "$demo" enhance "$@" >"$work/out" 2>"$work/err"; }
exits() { # exits STATUS ARGUMENT...
  local expected=$1
  shift
  enhance "$@"
  [ $? = "$expected" ]
}
refuses() { # refuses TEXT ARGUMENT... - with the text on standard error and nothing written.
  local text=$1
  shift
  exits 1 "$@" && grep -q -- "$text" "$work/err" && [ ! -s "$work/out" ]
}

python3 - "$work" <<'PICTURES'
import random, sys
work = sys.argv[1]
generator = random.Random(11)

def picture(path, width, height, most, least=0):
    pixels = bytes(min(255, least + generator.randrange(4) + most * ((x // 3 // 9 + y // 8) % 3 == x % 3))
                   for y in range(height) for x in range(3 * width))
    with open(path, "wb") as out:
        out.write(b"P6\n%d %d\n255\n" % (width, height) + pixels)

picture(f"{work}/dark/a.ppm", 150, 101, 40)
picture(f"{work}/dark/b.ppm", 64, 48, 25)
picture(f"{work}/light.ppm", 90, 70, 100, 150)
PICTURES

# mean FILE.ppm - of its bytes.
mean() { python3 -c 'import sys; d = open(sys.argv[1], "rb").read().split(b"\n", 3)[3]; print(sum(d) // len(d))' "$1"; }

exits 0 "$work/dark/a.ppm" --output "$work/a.ppm" --json && grep -q '"width": 150, "height": 101' "$work/out" &&
  [ "$(head -c 15 "$work/a.ppm" | tr '\n' ' ')" = "P6 150 101 255 " ] &&
  [ "$(mean "$work/a.ppm")" -gt $((4 * $(mean "$work/dark/a.ppm"))) ]
check "a dark picture becomes four times as bright, and keeps its size"
exits 0 "$work/dark/a.ppm" --output "$work/a1.ppm" --threads 1 && cmp -s "$work/a.ppm" "$work/a1.ppm" &&
  exits 0 "$work/dark/a.ppm" --output "$work/a7.ppm" --threads 7 --cpu baseline && cmp -s "$work/a.ppm" "$work/a7.ppm"
check "the number of threads and the CPU's features do not change it"
exits 0 "$work/dark/a.ppm" --output "$work/float.ppm" --type float32 &&
  python3 -c 'import sys
a, b = (open(path, "rb").read() for path in sys.argv[1:])
sys.exit(len(a) != len(b) or a == b or max(abs(x - y) for x, y in zip(a, b)) > 8)' "$work/a.ppm" "$work/float.ppm"
check "the network in float says nearly the same"
for tier in real-time quality; do
  exits 0 "$work/dark/a.ppm" --output "$work/$tier.ppm" --tier $tier --threads 2 &&
    exits 0 "$work/dark/a.ppm" --output "$work/$tier-float.ppm" --tier $tier --type float32 --threads 1 &&
    python3 -c 'import sys
a, b, nano = (open(path, "rb").read() for path in sys.argv[1:])
differences = [abs(x - y) for x, y in zip(a, b)]
sys.exit(len(a) != len(b) or a == b or a == nano or sum(differences) > 6 * len(a))' \
      "$work/$tier.ppm" "$work/$tier-float.ppm" "$work/a.ppm"
  check "the $tier tier makes something else of it, in float nearly the same"
done
exits 0 "$work/light.ppm" --tier quality --output "$work/same.ppm" && cmp -s <(tail -c 18900 "$work/light.ppm") \
  <(tail -c 18900 "$work/same.ppm") && exits 0 "$work/light.ppm" --output "$work/same.ppm" && grep -q "left as it is" "$work/out" &&
  cmp -s <(tail -c 18900 "$work/light.ppm") <(tail -c 18900 "$work/same.ppm")
check "a light picture comes back as it was"
exits 0 "$work/dark/a.ppm" --output "$work/both.ppm" --side-by-side &&
  python3 -c 'import sys
dark, bright, both = (open(path, "rb").read().split(b"\n", 3)[3] for path in sys.argv[1:])
rows = [dark[450 * y:450 * y + 450] + bright[450 * y:450 * y + 450] for y in range(101)]
sys.exit(b"".join(rows) != both)' "$work/dark/a.ppm" "$work/a.ppm" "$work/both.ppm"
check "side by side the dark picture is on the left"

exits 0 "$work/dark" --output "$work/bright" && [ "$(ls "$work/bright")" = "$(printf 'a.ppm\nb.ppm')" ] &&
  cmp -s "$work/a.ppm" "$work/bright/a.ppm"
check "a folder becomes a folder of the same names"
printf P6 >"$work/dark/broken.ppm"
exits 1 "$work/dark" --output "$work/most" && grep -q broken "$work/err" &&
  [ "$(ls "$work/most")" = "$(printf 'a.ppm\nb.ppm')" ]
check "a bad picture of a folder is told and left out"
rm "$work/dark/broken.ppm"

# A JPEG with Exif (an orientation) and a comment, made of our own and two segments.
exits 0 "$work/dark/a.ppm" --output "$work/plain.jpg" --quality 90 && python3 - "$work" <<'METADATA'
import struct, sys
work = sys.argv[1]
plain = open(f"{work}/plain.jpg", "rb").read()
exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
segments = b"".join(b"\xff" + code + struct.pack(">H", len(body) + 2) + body
                    for code, body in ((b"\xe1", exif), (b"\xfe", b"a comment"), (b"\xee", b"Adobe-like")))
jfif = 4 + struct.unpack(">H", plain[4:6])[0]
open(f"{work}/tagged.jpg", "wb").write(plain[:jfif] + segments + plain[jfif:])
METADATA
exits 0 "$work/tagged.jpg" --output "$work/kept.jpg" --side-by-side && python3 - "$work" <<'KEPT'
import sys
kept = open(sys.argv[1] + "/kept.jpg", "rb").read()
ok = kept.count(b"Exif\0\0II*\0") == 1 and kept.count(b"a comment") == 1 and b"Adobe-like" not in kept
sys.exit(not (ok and kept[:2] == b"\xff\xd8" and kept[2:4] == b"\xff\xe0" and kept[-2:] == b"\xff\xd9"))
KEPT
check "a JPEG keeps Exif and comments, but not what says how pixels are coded"
exits 0 "$work/kept.jpg" --output "$work/again.ppm"
check "and what came of it is a JPEG"

mkdir "$work/same-names" && cp "$work/dark/a.ppm" "$work/same-names/a.pgm" && cp "$work/dark/a.ppm" "$work/same-names" &&
  exits 0 "$work/same-names" --output "$work/both-names" && [ "$(ls "$work/both-names")" = "$(printf 'a-2.ppm\na.ppm')" ]
check "two pictures of one name become two"
exits 0 "$work/light.ppm" --output "$work/light.jpg" && exits 0 "$work/light.jpg" --output "$work/still.jpg" &&
  cmp -s "$work/light.jpg" "$work/still.jpg"
check "a light JPEG stays what it was to the byte"
cat "$work/tagged.jpg" "$work/plain.jpg" "$work/plain.jpg" >"$work/night.mjpeg"
exits 0 "$work/night.mjpeg" --output "$work/day.mjpeg" --json && [ "$(wc -l <"$work/out")" = 3 ] &&
  [ ! -e "$work/day.mjpeg.part" ] && exits 0 "$work/night.mjpeg" --output "$work/frames" --frames 3 &&
  [ "$(ls "$work/frames")" = "$(printf 'night-2.ppm\nnight-3.ppm\nnight.ppm')" ]
check "a video becomes a video"
exits 0 "$work/night.mjpeg" --output "$work/first.jpg" --frames 1 && refuses "more than one" "$work/night.mjpeg" \
  --output "$work/second.jpg" || grep -q "more than one" "$work/err"
check "a video is no picture, unless one frame is asked for"

refuses "is the source" "$work/dark/b.ppm" --output "$work/dark/b.ppm" &&
  refuses "is the source" "$work/dark/b.ppm" --output "$work/dark/../dark/b.ppm" &&
  refuses "is the source" "$work/dark" --output "$work/dark" && [ "$(mean "$work/dark/b.ppm")" -lt 20 ]
check "no source is overwritten"
refuses "name a folder" "$work/dark" --output "$work/one.jpg" && refuses ".jpg or .ppm" "$work/dark/a.ppm" --output \
  "$work/a.png" && refuses "No such file" "$work/none.jpg" --output "$work/none.ppm" &&
  refuses "No such file" "$work/dark/a.ppm" --output "$work/nowhere/deep" && [ ! -e "$work/one.jpg" ]
check "outputs that make no sense are refused before anything is written"
exits 2 "$work/dark/a.ppm" && exits 2 --output "$work/x.jpg" && exits 2 "$work/dark/a.ppm" --output "$work/x.jpg" \
  --tier best && exits 2 "$work/dark/a.ppm" --output "$work/x.jpg" --type int8 && [ ! -e "$work/x.jpg" ]
check "missing and unknown options are wrong usage"
refuses "does not tell tones" "$work/dark/a.ppm" --output "$work/x.jpg" --model \
  build/host/share/headrace/models/bottlefit/head.hrm && [ ! -e "$work/x.jpg" ]
check "a network that does something else is refused"
exits 2 "$work/dark/a.ppm" --output "$work/x.ppm" --tier nano --model nano-tone.hrm && grep -q "tier chooses" "$work/err" &&
  exits 2 "$work/dark/a.ppm" --output "$work/x.ppm" --type fixed --model nano-tone.hrm && grep -q "type chooses" "$work/err" &&
  [ ! -e "$work/x.ppm" ]
check "a tier or a type beside a network is wrong usage"
models=build/host/share/headrace/models/lowlight
refuses "no clean model" "$work/dark/a.ppm" --output "$work/x.ppm" --model $models/quality-tone.hrm &&
  refuses "does not clean tiles" "$work/dark/a.ppm" --output "$work/x.ppm" --model $models/nano-tone.hrm --clean \
    $models/nano-tone.hrm && exits 2 "$work/dark/a.ppm" --output "$work/x.ppm" --clean $models/quality-clean.hrm &&
  [ ! -e "$work/x.ppm" ]
check "and so is half of a tier"
printf 'P6\n1 1\n255\n\1\2\3' >"$work/pixel.ppm"
exits 0 "$work/pixel.ppm" --output "$work/pixel-out.ppm" && [ "$(wc -c <"$work/pixel-out.ppm")" = 14 ] &&
  exits 0 "$work/pixel.ppm" --output "$work/pixel-out.ppm" --tier real-time
check "a picture of one pixel is a picture"
head -c 900 "$work/tagged.jpg" >"$work/cut.jpg"
exits 1 "$work/cut.jpg" --output "$work/x.jpg" && [ ! -e "$work/x.jpg" ]
check "a truncated JPEG is refused"
[ $failures = 0 ]
