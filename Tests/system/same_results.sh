#!/bin/bash
# same_results.sh - fixed-point networks of every operator give the same bytes on this machine, with all its
# kernels, and on every emulated CPU, with one thread and with three, as on this machine's baseline, which
# the Swift tests compare with definitions; and so do directions of sound and enhanced pictures. Needs installed
# boards (boards/run BOARD build).
#
# Networks: Tests/system/models and the fuzzer's seeds, int8 and int16x8. Sound: two directions, and a pause. The
# picture is dark noise.
set -euo pipefail
# shellcheck source=Tests/system/every_cpu.sh
. "$(dirname "$0")/every_cpu.sh"

work=build/same-results
mkdir -p "$work"
mapfile -t models < <(find Tests/system/models Tests/fuzz/corpus/model -name '*.int8*.hrm' -o -name '*.int16x8*.hrm' | sort)

# results TREE CPU THREADS [OPTION...] - one line "model checksums" for each network.
results() {
  local words model
  mapfile -t words < <(emulator "$1" "$2")
  for model in "${models[@]}"; do
    printf '%s ' "$model"
    "${words[@]}" "build/$(board_of "$1")/bin/headrace-demo" bench "$model" --json --repeat 1 \
      --threads "$3" "${@:4}" | sed 's/.*"outputs_crc32c": \(\[[^]]*\]\).*/\1/'
  done
}

# located TREE CPU - the directions and tracks that each method finds in the recording.
located() {
  local words method array
  mapfile -t words < <(emulator "$1" "$2")
  for method in network music srp-phat samples; do
    array=$work/turn.txt
    # The same microphones, from coordinates that are turned by 45 degrees: as that network knows them.
    [ $method = samples ] && array=$work/turned.txt
    "${words[@]}" "build/$(board_of "$1")/bin/headrace-demo" locate "$work/turn.wav" --array "$array" \
      --method $method --type fixed --json --show both || return
  done
}

# A network from floats to floats rounds as its CPU does.
fixed_point() { grep -v 'between-floats' "$1"; }

check_located() { # check_located TREE CPU
  local status=0
  located "$1" "$2" >"$work/located" && cmp "$work/located-here" "$work/located" || status=1
  report "directions of sound, $1${2:+ $2}" $status
}

check_picture() { # check_picture NAME TREE CPU ARGUMENT... - of what headrace-demo makes of the dark picture.
  local words status=0
  mapfile -t words < <(emulator "$2" "$3")
  "${words[@]}" "build/$(board_of "$2")/bin/headrace-demo" "${@:4}" --output "$work/picture.ppm" --threads 3 \
    >/dev/null && cmp "$work/$1-here.ppm" "$work/picture.ppm" || status=1
  report "a picture by $1, $2${3:+ $3}" $status
}

check() { # check TREE CPU THREADS [OPTION...]
  local name="${#models[@]} networks, $1${2:+ $2}${4:+, ${*:4}}, $3 thread(s)" status=0
  results "$@" >"$work/result" && diff <(fixed_point "$work/expected") <(fixed_point "$work/result") || status=1
  report "$name" $status
}

results host "" 1 --cpu baseline >"$work/expected"
if [ "${#models[@]}" -ge 60 ] && [ "$(cut -d' ' -f2- "$work/expected" | sort -u | wc -l)" -gt $((${#models[@]} / 2)) ]; then
  report "there are networks, and their results differ" 0
else
  report "there are networks, and their results differ" 1
fi
check host "" 1
check host "" 3
if grep -qw avx2 /proc/cpuinfo; then check host "" 1 --cpu avx2; fi
python3 Tests/system/directions.py "$work/turn" 0.7
printf '0 .041 0 0\n1 0 .041 0\n2 -.041 0 0\n3 0 -.041 0\n' >"$work/turned.txt"
located host "" >"$work/located-here"
if [ "$(grep -c '"id": ' "$work/located-here")" -ge 20 ]; then
  report "there are directions to find" 0
else
  report "there are directions to find" 1
fi
python3 -c 'import random, sys
generator = random.Random(5)
pixels = bytes(min(255, x % 50 + generator.randrange(16)) for y in range(83) for x in range(3 * 117))
sys.stdout.buffer.write(b"P6 117 83 255\n" + pixels)' >"$work/dark.ppm"
: >"$work/enhanced-here"
# The quality tier has what the others have, and attention and local gammas besides.
for tier in nano quality; do
  build/host/bin/headrace-demo enhance "$work/dark.ppm" --output "$work/$tier-here.ppm" --tier $tier --threads 1 \
    --cpu baseline --json >>"$work/enhanced-here"
done
python3 -c 'import sys
sys.stdout.buffer.write(b"P5 5 3 255\n" + bytes([0, 0, 9, 30, 60, 40, 80, 99, 80, 40, 60, 30, 9, 0, 0]))' >"$work/blur.pgm"
deblur=(deblur "$work/dark.ppm" --kernel "$work/blur.pgm")
build/host/bin/headrace-demo "${deblur[@]}" --output "$work/deblur-here.ppm" --threads 1 --cpu baseline >/dev/null
if [ "$(grep -c '"strength": 1.000' "$work/enhanced-here")" = 2 ] &&
  [ "$(cat "$work"/{nano,quality,deblur}-here.ppm "$work/dark.ppm" | wc -c)" -gt $((4 * 3 * 117 * 83)) ] &&
  ! cmp -s "$work/nano-here.ppm" "$work/quality-here.ppm"; then
  report "there is a picture to enhance" 0
else
  report "there is a picture to enhance" 1
fi
for entry in $(all_cpus); do
  for tier in nano quality; do
    check_picture $tier "${entry%%:*}" "${entry#*:}" enhance "$work/dark.ppm" --tier $tier
  done
  check_picture deblur "${entry%%:*}" "${entry#*:}" "${deblur[@]}"
  check_located "${entry%%:*}" "${entry#*:}"
  check "${entry%%:*}" "${entry#*:}" 1
  check "${entry%%:*}" "${entry#*:}" 3
done
[ $failures = 0 ]
