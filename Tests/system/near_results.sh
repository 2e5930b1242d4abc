#!/bin/bash
# near_results.sh - float32 networks, one of many layers and one of Winograd's, give on every emulated CPU, with one
# thread and with three, what this machine's baseline gives, which the Swift tests compare with definitions, but for
# rounding. Needs installed boards (boards/run BOARD build).
set -euo pipefail
# shellcheck source=Tests/system/every_cpu.sh
. "$(dirname "$0")/every_cpu.sh"

work=build/near-results
rm -rf "$work"
mkdir -p "$work"
layers=Tests/system/models/floats.float32.hrm
winograd=Tests/bench/head.float32.hrm
python3 - "$work/layers.npy" 6 9 7 "$work/winograd.npy" 3 224 224 <<'X'
import array, random, struct, sys
for path, *shape in (sys.argv[1:5], sys.argv[5:]):
    generator, count = random.Random(7), eval("*".join(shape))
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1, %s), }" % ", ".join(shape).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        array.array("f", (generator.uniform(-2, 2) for _ in range(count))).tofile(file)
X

# run NAME TREE CPU THREADS FOLDER [OPTION...] - NAME: layers or winograd.
run() {
  local words
  mapfile -t words < <(emulator "$2" "$3")
  rm -rf "${work:?}/$5"
  mkdir "$work/$5"
  timeout 120 "${words[@]}" "build/$(board_of "$2")/bin/headrace-demo" run "${!1}" --input "$work/$1.npy" \
    --output "$work/$5/y.npy" --threads "$4" "${@:6}" >/dev/null
}

# near NAME - whether folder there holds the same arrays as folder NAME, no element farther off than 2^-18 of the greatest.
near() {
  python3 - "$work/$1" "$work/there" <<'NEAR'
import array, pathlib, sys

def arrays(folder):
    for path in sorted(pathlib.Path(folder).glob("*.npy")):
        contents = path.read_bytes()
        begin = 10 + int.from_bytes(contents[8:10], "little")
        yield path.name, contents[:begin], array.array("f", contents[begin:])

here, there = (list(arrays(folder)) for folder in sys.argv[1:])
assert here and [one[:2] for one in here] == [one[:2] for one in there], "other outputs"
for (name, _, one), (_, _, other) in zip(here, there):
    bound = max(map(abs, one)) * 2**-18
    worst = max(abs(a - b) for a, b in zip(one, other))
    assert bound > 0 and worst <= bound, f"{name}: {worst} off, {bound} allowed"
NEAR
}

check() { # check NAME TREE CPU THREADS [OPTION...]
  local status=0
  run "$1" "$2" "$3" "$4" there "${@:5}" && near "$1" || status=1
  report "float32 $1, $2${3:+ $3}${5:+, ${*:5}}, $4 thread(s)" $status
}

for name in layers winograd; do
  run $name host "" 1 $name --cpu baseline
  check $name host "" 3
  if grep -qw avx2 /proc/cpuinfo; then check $name host "" 1 --cpu avx2; fi
done
for entry in $(all_cpus); do
  check layers "${entry%%:*}" "${entry#*:}" 1
  check layers "${entry%%:*}" "${entry#*:}" 3
  check winograd "${entry%%:*}" "${entry#*:}" 3
done
[ $failures = 0 ]
