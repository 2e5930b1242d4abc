#!/bin/bash
# same_bytes.sh few|all - the packets of headrace-demo camera are the same on this machine and on every
# emulated CPU, with one thread and with four. Needs installed boards (boards/run BOARD build).
#
# Pictures: some that this script makes, and photographs of ../shared/data/photos/grocery where that
# folder is there: six, or all.
set -euo pipefail
# shellcheck source=Tests/system/every_cpu.sh
. "$(dirname "$0")/every_cpu.sh"

work=build/same-bytes
photos=../shared/data/photos/grocery
rm -rf "$work"
mkdir -p "$work/pictures"
python3 Tests/system/pictures.py "$work/pictures"
if [ -d "$photos" ]; then
  mapfile -t chosen < <(find "$photos" -name '*.jpg' | sort)
  if [ "$1" = few ]; then chosen=("${chosen[@]:0:6}"); fi
  for photo in "${chosen[@]}"; do
    ln -s "$(realpath "$photo")" "$work/pictures/photo-$(tr / - <<<"${photo#"$photos"/}")"
  done
fi
count=$(find "$work/pictures/" -type f -o -type l | wc -l)

# packets TREE CPU THREADS [OPTION...] - one line "picture crc" for each picture, first of a head whose packets are coded
# with probabilities learned on the way, then of one with a prior.
packets() {
  local board words head
  board=$(board_of "$1")
  mapfile -t words < <(emulator "$1" "$2")
  for head in bottlefit split; do
    "${words[@]}" "build/$board/bin/headrace-demo" camera "$work/pictures" --json --threads "$3" \
      --head "build/$board/share/headrace/models/$head/head.hrm" "${@:4}" |
      sed -n 's/.*"source": *"\([^"]*\)".*"payload_crc32c": *"\([0-9a-f]*\)".*/\1 \2/p'
  done
}

check() { # check TREE CPU [OPTION...]
  local threads status
  for threads in 1 4; do
    status=0
    packets "$1" "$2" "$threads" "${@:3}" >"$work/result" && [ "$(wc -l <"$work/result")" = $((2 * count)) ] &&
      { [ -e "$work/expected" ] || cp "$work/result" "$work/expected"; } &&
      diff "$work/expected" "$work/result" || status=1
    report "$count pictures, $1${2:+ $2}${3:+, ${*:3}}, $threads thread(s)" $status
  done
}

check host ""
check host "" --cpu baseline
status=0
[ "$(cut -d' ' -f2 "$work/expected" | sort -u | wc -l)" = $((2 * count)) ] || status=1
report "each picture has a packet of its own from each head" $status
for entry in $(all_cpus); do check "${entry%%:*}" "${entry#*:}"; done
if [ ! -d "$photos" ]; then
  echo "ok $((test_number + 1)) - the same for real photographs # SKIP $photos is not there"
fi
[ $failures = 0 ]
