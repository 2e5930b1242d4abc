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
  python3 -c 'import json, sys
times = json.load(sys.stdin)["milliseconds"]
sys.exit(set(times) != {"decode", "prepare", "network", "finish"} or min(times["prepare"], times["network"], times["finish"]) <= 0)' <"$work/out" &&
  [ "$(head -c 15 "$work/a.ppm" | tr '\n' ' ')" = "P6 150 101 255 " ] &&
  [ "$(mean "$work/a.ppm")" -gt $((4 * $(mean "$work/dark/a.ppm"))) ]
check "a dark picture becomes four times as bright, and keeps its size"
exits 0 "$work/dark/a.ppm" -o "$work/o.ppm" && cmp -s "$work/a.ppm" "$work/o.ppm" && enhance --help &&
  grep -q -- "-o OUT" "$work/out"
check "-o is short for --output"
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
python3 -c 'import sys
open(sys.argv[1], "wb").write(b"P6\n9000 2\n255\n" + bytes(54000))' "$work/dark/aa.ppm"
exits 1 "$work/dark" --output "$work/narrow" --side-by-side && grep -q "aa.ppm: .*leave out --side-by-side" "$work/err" &&
  [ "$(ls "$work/narrow")" = "$(printf 'a.ppm\nb.ppm')" ]
check "and so is one of which there is no room for two side by side"
rm "$work/dark/aa.ppm"

# A JPEG with Exif (an orientation) and a comment, made of our own and two segments.
exits 0 "$work/dark/a.ppm" --output "$work/plain.jpg" --quality 90 && python3 - "$work" <<'METADATA'
import struct, sys
work = sys.argv[1]
plain = open(f"{work}/plain.jpg", "rb").read()
exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
segments = b"".join(b"\xff" + code + struct.pack(">H", len(body) + 2) + body
                    for code, body in ((b"\xe1", exif), (b"\xfe", b"a comment"), (b"\xee", b"Adobe-like"),
                                       (b"\xe2", b"MPF\0II*\0"), (b"\xe2", b"ICC_PROFILE\0\1\1" + bytes(16) + b"GRAY"),
                                       (b"\xe2", b"ICC_PROFILE\0\1\1" + bytes(16) + b"RGB ")))
jfif = 4 + struct.unpack(">H", plain[4:6])[0]
open(f"{work}/tagged.jpg", "wb").write(plain[:jfif] + segments + plain[jfif:])
METADATA
exits 0 "$work/tagged.jpg" --output "$work/kept.jpg" --side-by-side && python3 - "$work" <<'KEPT'
import sys
kept = open(sys.argv[1] + "/kept.jpg", "rb").read()
ok = kept.count(b"Exif\0\0II*\0") == 1 and kept.count(b"a comment") == 1 and kept.count(b"RGB ") == 1
ok = ok and not any(text in kept for text in (b"Adobe-like", b"MPF\0", b"GRAY"))
sys.exit(not (ok and kept[:2] == b"\xff\xd8" and kept[2:4] == b"\xff\xe0" and kept[-2:] == b"\xff\xd9"))
KEPT
check "a JPEG keeps Exif, comments and its profile, but not what is not true of the new one"
exits 0 "$work/kept.jpg" --output "$work/again.ppm"
check "and what came of it is a JPEG"

# Exif says on which side of what is seen the first stored row and column are. Pictures of 64x32 in four levels.
cat >"$work/turned.py" <<'TURNED'
import struct, subprocess, sys
demo, work, level = sys.argv[1], sys.argv[2], int(sys.argv[3])
width, height = 64, 32
sides = {1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"), 5: ("left", "top"),
         6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom")}

def enhance(*arguments):
    subprocess.run([demo, "enhance", *arguments], check=True, stdout=subprocess.DEVNULL)

def pixels(name):
    magic, size, _, data = open(f"{work}/{name}", "rb").read().split(b"\n", 3)
    return (*map(int, size.split()), data)

def stored(column, row):
    return level + level // 4 * ((column >= width // 2) + 2 * (row >= height // 2))

with open(f"{work}/levels.ppm", "wb") as out:
    out.write(b"P6\n64 32\n255\n" + bytes(stored(x, y) for y in range(height) for x in range(width) for _ in range(3)))
enhance(f"{work}/levels.ppm", "--output", f"{work}/levels.jpg", "--quality", "100")
plain = open(f"{work}/levels.jpg", "rb").read()
head = 4 + struct.unpack(">H", plain[4:6])[0]
left = {}  # the left edge of each

def exif(order, orientation):
    e = {b"II": "<", b"MM": ">"}[order]
    tiff = order + struct.pack(e + "HIHHHIHHI", 42, 8, 1, 0x112, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\0\0" + tiff

lies = {"far": b"II*\0\xff\xff\xff\xff", "many": b"II*\0\x08\0\0\0\xff\xff", "none": b"II*\0\x08\0\0\0\0\0", "cut": b"II"}
turned = {f"{order}{o}": exif(order, o) for order in (b"II", b"MM") for o in range(10)}
turned |= {name: b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\0\0" + tiff for name, tiff in lies.items()}
turned["first of two"] = exif(b"II", 6) + exif(b"II", 3)
for name, segment in turned.items():
    orientation = 6 if name == "first of two" else int(name[-1]) if name[-1].isdigit() else 1
    row_side, column_side = sides.get(orientation, sides[1])
    open(f"{work}/turned.jpg", "wb").write(plain[:head] + segment + plain[head:])
    enhance(f"{work}/turned.jpg", "--output", f"{work}/turned.ppm")
    seen_width, seen_height, data = pixels("turned.ppm")
    assert (seen_width, seen_height) == ((width, height) if row_side in ("top", "bottom") else (height, width)), name

    def seen_to_stored(x, y, side, extent):
        at = {"top": y, "bottom": seen_height - 1 - y, "left": x, "right": seen_width - 1 - x}[side]
        assert 0 <= at < extent
        return at

    if level > 100:  # light: nothing but turned
        for y in range(seen_height):
            for x in range(seen_width):
                wanted = stored(seen_to_stored(x, y, column_side, width), seen_to_stored(x, y, row_side, height))
                assert abs(data[3 * (y * seen_width + x)] - wanted) <= 6, (name, x, y)
    enhance(f"{work}/turned.jpg", "--output", f"{work}/pair.ppm", "--side-by-side")
    pair_width, pair_height, pair = pixels("pair.ppm")
    assert (pair_width, pair_height) == (2 * seen_width, seen_height), name
    row = 3 * seen_width
    assert b"".join(pair[2 * row * y + row:2 * row * (y + 1)] for y in range(seen_height)) == data, name
    assert sum(pair[2 * row * y] for y in range(seen_height)) < 1.01 * sum(data[row * y] for y in range(seen_height)), name
TURNED
python3 "$work/turned.py" "$demo" "$work" 140
check "a JPEG becomes a PPM that is upright, whatever its Exif says, or claims"
python3 "$work/turned.py" "$demo" "$work" 8
check "and side by side what was dark is seen on the left"

mkdir "$work/same-names" && cp "$work/dark/a.ppm" "$work/same-names/a.pgm" && cp "$work/dark/a.ppm" "$work/same-names" &&
  exits 0 "$work/same-names" --output "$work/both-names" && [ "$(ls "$work/both-names")" = "$(printf 'a-2.ppm\na.ppm')" ]
check "two pictures of one name become two"
cp "$work/dark/b.ppm" "$work/same-names/a-2.ppm" && cp "$work/dark/b.ppm" "$work/same-names/b.PGM" &&
  cp "$work/dark/a.ppm" "$work/same-names/b.c.ppm" && cp "$work/dark/a.ppm" "$work/same-names/b.ppm" &&
  exits 0 "$work/same-names" --output "$work/all-names" &&
  [ "$(ls "$work/all-names")" = "$(printf 'a-2.ppm\na-3.ppm\na.ppm\nb-2.ppm\nb.c.ppm\nb.ppm')" ]
check "and no picture takes the place of another with such a number, or with a name between"
grep -q "a-2.ppm: .* -> $work/all-names/a-2.ppm" "$work/out" && grep -q "a.ppm: .* -> $work/all-names/a-3.ppm" "$work/out" &&
  exits 0 "$work/dark" --output "$work/told" --json && grep -q "\"output\": \"$work/told/b.ppm\"}" "$work/out"
check "where each picture went is told"
mkdir "$work/other" && cp "$work/dark/b.ppm" "$work/other/a.ppm" && cp "$work/told/a.ppm" "$work/kept.ppm" &&
  exits 1 "$work/other" --output "$work/told" && grep -q "told/a.ppm: it is there already and is not overwritten" "$work/err" &&
  cmp -s "$work/told/a.ppm" "$work/kept.ppm"
check "pictures of another folder do not overwrite those of the same names"
grep -q "or say --overwrite" "$work/err" && exits 0 "$work/other" --output "$work/told" --overwrite &&
  cmp -s "$work/told/a.ppm" "$work/told/b.ppm" && exits 0 "$work/dark" --output "$work/told" --overwrite &&
  cmp -s "$work/told/a.ppm" "$work/kept.ppm" && [ "$(ls "$work/told")" = "$(printf 'a.ppm\nb.ppm')" ]
check "unless they are told to"
refuses "is the source" "$work/dark" --output "$work/dark" --overwrite &&
  refuses "is the source" "$work/dark/b.ppm" --output "$work/dark" --overwrite && [ "$(mean "$work/dark/b.ppm")" -lt 20 ]
check "but no source is overwritten then"
mkdir "$work/links" "$work/linked" && cp "$work/dark"/*.ppm "$work/links" && mv "$work/links/b.ppm" "$work/linked/a.ppm" &&
  ln -s ../linked/a.ppm "$work/links/b.ppm" && cp "$work/linked/a.ppm" "$work/kept.ppm" &&
  refuses "links/b.ppm: it leads into the output's folder" "$work/links" --output "$work/linked" --overwrite &&
  cmp -s "$work/linked/a.ppm" "$work/kept.ppm" && [ "$(ls "$work/linked")" = a.ppm ]
check "nor what a link in its folder leads to"
rm "$work/linked/a.ppm" "$work/links/b.ppm" && cp "$work/kept.ppm" "$work/links/b.ppm" &&
  ln -s ../links/b.ppm "$work/linked/a.ppm" &&
  refuses "linked/a.ppm: it is there already and is no regular file" "$work/links" --output "$work/linked" --overwrite &&
  cmp -s "$work/links/b.ppm" "$work/kept.ppm"
check "nor what one among the results does"
exits 2 "$work/dark/a.ppm" --output "$work/x.ppm" --overwrite && grep -q "replaced anyway; leave it out" "$work/err" &&
  exits 2 "$work/night.mjpeg" --output "$work/x.mjpeg" --overwrite && [ ! -e "$work/x.ppm" ] && exits 0 --help &&
  grep -q -- "--overwrite" "$work/out"
check "a file is replaced without it, so that it is wrong usage there"
exits 0 "$work/light.ppm" --output "$work/light.jpg" && exits 0 "$work/light.jpg" --output "$work/still.jpg" &&
  cmp -s "$work/light.jpg" "$work/still.jpg"
check "a light JPEG stays what it was to the byte"
cat "$work/light.jpg" "$work/plain.jpg" >"$work/two-in-one.jpg"
exits 0 "$work/two-in-one.jpg" --output "$work/still.jpg" && cmp -s "$work/two-in-one.jpg" "$work/still.jpg"
check "with whatever lies behind it"
cat "$work/light.jpg" "$work/light.jpg" >"$work/noon.mjpeg"
exits 0 "$work/noon.mjpeg" --output "$work/still.mjpeg" && cmp -s "$work/noon.mjpeg" "$work/still.mjpeg"
check "and so do the frames of a light video"
cat "$work/tagged.jpg" "$work/plain.jpg" "$work/plain.jpg" >"$work/night.mjpeg"
exits 0 "$work/night.mjpeg" --output "$work/day.mjpeg" --json && [ "$(wc -l <"$work/out")" = 3 ] &&
  [ ! -e "$work/day.mjpeg.part" ] && exits 0 "$work/night.mjpeg" --output "$work/frames" --frames 3 &&
  [ "$(ls "$work/frames")" = "$(printf 'night-2.ppm\nnight-3.ppm\nnight.ppm')" ]
check "a video becomes a video"
{ cat "$work/plain.jpg" && head -c 900 "$work/plain.jpg" && cat "$work/plain.jpg" && head -c 900 "$work/plain.jpg"; } \
  >"$work/damaged.mjpeg"
exits 1 "$work/damaged.mjpeg" --output "$work/mended.mjpeg" && [ "$(wc -l <"$work/out")" = 2 ] &&
  [ "$(grep -c "cut off" "$work/err")" = 2 ] && exits 0 "$work/mended.mjpeg" --output "$work/mended" &&
  [ "$(ls "$work/mended" | wc -l)" = 2 ]
check "of which frames that are damaged are told and left out"
for _ in $(seq 300); do cat "$work/plain.jpg"; done >"$work/long.mjpeg"
for signal in INT TERM HUP; do
  : >"$work/out"
  "$demo" enhance "$work/long.mjpeg" --output "$work/cut.mjpeg" --tier quality >"$work/out" 2>"$work/err" &
  until [ -s "$work/out" ] || ! kill -0 $! 2>/dev/null; do sleep 0.05; done
  kill -$signal $!
  wait $!
  [ $? = $((128 + $(kill -l $signal))) ] && grep -q "interrupted after" "$work/err" && [ ! -e "$work/cut.mjpeg" ] && [ ! -e "$work/cut.mjpeg.part" ]
  check "a video that SIG$signal interrupts leaves nothing, and says so"
done
"$demo" enhance "$work/long.mjpeg" --output "$work/cut.mjpeg" 2>"$work/err" | head -n 1 >"$work/out"
[ "${PIPESTATUS[0]}" = 1 ] && grep -q "Broken pipe" "$work/err" && [ ! -e "$work/cut.mjpeg" ] && [ ! -e "$work/cut.mjpeg.part" ]
check "nor does one whose lines nobody reads any more"
exits 0 "$work/night.mjpeg" --output "$work/first.jpg" --frames 1 && [ -s "$work/first.jpg" ] &&
  [ "$(wc -l <"$work/out")" = 1 ] && exits 1 "$work/night.mjpeg" --output "$work/second.jpg" &&
  grep -q "more than one" "$work/err"
check "a video is no picture, unless one frame is asked for"

rm -f "$work"/{link,nowhere,pipe,led}.mjpeg
: >"$work/led.mjpeg"
ln -s led.mjpeg "$work/link.mjpeg" && ln -s absent.mjpeg "$work/nowhere.mjpeg" && mkfifo "$work/pipe.mjpeg"
exits 0 "$work/night.mjpeg" --output "$work/link.mjpeg" && [ -L "$work/link.mjpeg" ] && [ -s "$work/led.mjpeg" ] &&
  refuses "not a regular file" "$work/night.mjpeg" --output "$work/nowhere.mjpeg" &&
  refuses "not a regular file" "$work/night.mjpeg" --output "$work/pipe.mjpeg" && [ -p "$work/pipe.mjpeg" ]
check "a video goes where a link leads, and takes the place of no pipe"

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
exits 2 "$work/dark/a.ppm" --output "$work/x.ppm" --quality 90 && grep -q "quality is of JPEG, and .*; leave it out" "$work/err" &&
  exits 2 "$work/dark/a.ppm" --output "$work/x.jpg" --rate 25 && grep -q "rate is of an MJPEG file" "$work/err" &&
  exits 2 "$work/dark" --output "$work/x" --rate 25 && [ ! -e "$work/x.ppm" ] && [ ! -e "$work/x.jpg" ] && [ ! -e "$work/x" ]
check "so is the quality of what is no JPEG, and the rate of what is no video"
exits 0 "$work/night.mjpeg" --output "$work/x.mjpeg" --rate 25 --quality 90 && exits 0 "$work/dark/a.ppm" --output "$work/x.jpg" \
  --quality 30 && exits 0 "$work/dark/a.ppm" --output "$work/y.jpg" && [ "$(wc -c <"$work/x.jpg")" -lt "$(wc -c <"$work/y.jpg")" ]
check "where they have an effect they are taken"
rm "$work/x.jpg"
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
