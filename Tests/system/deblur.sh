#!/bin/bash
# deblur.sh - what headrace-demo deblur makes of shaken pictures, and what it refuses. Needs build/host. Prints TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
demo=build/host/bin/headrace-demo
work=build/deblur-test
rm -rf "$work"
mkdir -p "$work/shaken"

. Tests/system/tap.sh
exits() { # exits STATUS ARGUMENT...
  local expected=$1
  shift
  "$demo" deblur "$@" >"$work/out" 2>"$work/err"
  [ $? = "$expected" ]
}

# A sharp picture, shaken to the right and down, with a little noise, and kernels.
python3 - "$work" <<'PICTURES'
import random, sys
work = sys.argv[1]
generator = random.Random(3)
width, height, side = 160, 120, 9
weights = {(4 + step, 4 + step // 2): 5 - abs(step) for step in range(-4, 5)}

def sharp(x, y, c):
    x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    return 50 + 45 * ((x // 16 + y // 12) % 4) + 8 * c

def write(path, magic, size, pixels):
    with open(path, "wb") as out:
        out.write(b"%s\n%d %d\n255\n" % (magic, *size) + bytes(pixels))

places = [(x, y, c) for y in range(height) for x in range(width) for c in range(3)]
total = sum(weights.values())
def shaken(x, y, c):
    value = sum(weight * sharp(x - (column - 4), y - (row - 4), c) for (column, row), weight in weights.items()) / total
    return min(255, max(0, round(value + generator.gauss(0, 2))))
write(f"{work}/sharp.ppm", b"P6", (width, height), [sharp(*place) for place in places])
write(f"{work}/shaken/a.ppm", b"P6", (width, height), [shaken(*place) for place in places])
kernel = [40 * weights.get((column, row), 0) for row in range(side) for column in range(side)]
write(f"{work}/kernel.pgm", b"P5", (side, side), kernel)
write(f"{work}/zero.pgm", b"P5", (side, side), [0] * side * side)
write(f"{work}/even.pgm", b"P5", (8, 8), [9] * 64)
write(f"{work}/large.pgm", b"P5", (65, 65), [9] * 65 * 65)
PICTURES
# error A.ppm - mean square of what differs from the sharp picture.
error() { python3 -c 'import sys
a, b = (open(path, "rb").read().split(b"\n", 3)[3] for path in sys.argv[1:])
print(sum((x - y) ** 2 for x, y in zip(a, b)) // len(a))' "$work/sharp.ppm" "$1"; }

before=$(error "$work/shaken/a.ppm")
exits 0 "$work/shaken/a.ppm" --kernel "$work/kernel.pgm" --plain --output "$work/plain.ppm" &&
  [ "$(error "$work/plain.ppm")" -lt $((before * 9 / 10)) ]
check "deconvolution alone takes a tenth of the error away"
exits 0 "$work/shaken/a.ppm" --kernel "$work/kernel.pgm" --output "$work/clean.ppm" --threads 1 &&
  [ "$(error "$work/clean.ppm")" -lt "$(error "$work/plain.ppm")" ]
check "the networks take more"
exits 0 "$work/shaken/a.ppm" --kernel "$work/kernel.pgm" --output "$work/again.ppm" --threads 3 --cpu baseline &&
  cmp -s "$work/clean.ppm" "$work/again.ppm"
check "the number of threads and the CPU's features do not change it"
exits 0 "$work/shaken/a.ppm" --kernel "$work/kernel.pgm" --output "$work/float.ppm" --type float32 &&
  ! cmp -s "$work/clean.ppm" "$work/float.ppm" && [ "$(error "$work/float.ppm")" -lt "$(error "$work/plain.ppm")" ]
check "in float it does too"
exits 0 "$work/shaken" --kernel "$work/kernel.pgm" --output "$work/many" && cmp -s "$work/many/a.ppm" "$work/clean.ppm"
check "a folder becomes a folder of the same names"
exits 1 "$work/shaken" --kernel "$work/kernel.pgm" --plain --output "$work/many" &&
  grep -q "many/a.ppm: it is there already" "$work/err" && cmp -s "$work/many/a.ppm" "$work/clean.ppm"
check "and overwrites nothing there"
exits 0 "$work/shaken" --kernel "$work/kernel.pgm" --plain --output "$work/many" --overwrite &&
  cmp -s "$work/many/a.ppm" "$work/plain.ppm"
check "unless it is told to"
cp "$work/kernel.pgm" "$work/many/a.ppm"
# spares_kernel ARGUMENT... - many/a.ppm.
spares_kernel() {
  exits 1 "$work/shaken/a.ppm" --kernel "$work/many/a.ppm" "$@" && grep -q "many/a.ppm: it is read, too" "$work/err" &&
    cmp -s "$work/many/a.ppm" "$work/kernel.pgm"
}
spares_kernel --output "$work/many" --overwrite && spares_kernel --output "$work/many/a.ppm"
check "but no picture takes the kernel's place"
python3 -c 'import sys
open(sys.argv[1], "wb").write(b"P6\n9000 2\n255\n" + bytes(54000))' "$work/shaken/0.ppm"
exits 1 "$work/shaken" --kernel "$work/kernel.pgm" --output "$work/most" && grep -q "0.ppm: .*too large" "$work/err" &&
  [ "$(ls "$work/most")" = a.ppm ]
check "a picture of a folder that is too large is told and left out"
rm "$work/shaken/0.ppm"
for kernel in zero even large none; do
  exits 1 "$work/shaken/a.ppm" --kernel "$work/$kernel.pgm" --output "$work/$kernel.ppm" &&
    grep -q "$kernel.pgm" "$work/err" && [ ! -e "$work/$kernel.ppm" ]
  check "a kernel that is $kernel is refused"
done
exits 2 "$work/shaken/a.ppm" --output "$work/x.ppm" && exits 2 "$work/shaken/a.ppm" --kernel "$work/kernel.pgm" &&
  exits 2 --kernel "$work/kernel.pgm" --output "$work/x.ppm" && exits 2 "$work/shaken/a.ppm" --kernel \
    "$work/kernel.pgm" --output "$work/x.ppm" --type int8
check "missing and unknown options are wrong usage"
exits 2 "$work/shaken/a.ppm" --kernel "$work/kernel.pgm" --output "$work/x.ppm" --plain --type fixed &&
  grep -q "plain does without" "$work/err" && [ ! -e "$work/x.ppm" ]
check "the arithmetic of a network that does not run is wrong usage"
exits 2 "$work/shaken/a.ppm" --kernel "$work/kernel.pgm" --plain --output "$work/x.PPM" --quality 90 &&
  grep -q "quality is of JPEG, and .*x.PPM is a PPM; leave it out" "$work/err" && [ ! -e "$work/x.PPM" ] &&
  exits 0 "$work/shaken/a.ppm" --kernel "$work/kernel.pgm" --plain --output "$work/x.jpg" --quality 30 &&
  exits 0 "$work/shaken/a.ppm" --kernel "$work/kernel.pgm" --plain --output "$work/y.jpg" &&
  [ "$(wc -c <"$work/x.jpg")" -lt "$(wc -c <"$work/y.jpg")" ]
check "so is the quality of what is no JPEG"
head -c 500 "$work/shaken/a.ppm" >"$work/cut.ppm"
exits 1 "$work/cut.ppm" --kernel "$work/kernel.pgm" --output "$work/x.ppm" && [ ! -e "$work/x.ppm" ]
check "a truncated picture is refused"
[ $failures = 0 ]
