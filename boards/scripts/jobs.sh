# shellcheck shell=bash disable=SC2154 # variables of a board and of boards/run
# jobs.sh - what boards/run does, apart from the tests themselves.

# Runs the steps; nothing that follows makes sense without them.
finish() {
  run_steps
  if [ $steps_failed = 1 ]; then exit 1; fi
}

shipped_models() { find "build/$1/share/headrace/models" -name '*.hrm' | sort; }

job_demo() { board_demo host; }

job_list() {
  local name
  printf '%-12s %-8s %-12s %-8s %-6s %-22s %-20s %s\n' \
    board arch CPU threads MHz camera microphones description
  for name in $(board_names); do
    load_board "$name"
    printf '%-12s %-8s %-12s %-8s %-6s %-22s %-20s %s\n' "$name" "$architecture" "$cpu" "$threads" \
      "$clock_mhz" "$camera $camera_size" "$microphones" "$description"
  done
}

bench_stages="outputs x86 count threads mca size"

is_bench_stage() { [[ " $bench_stages table record " == *" $1 "* ]]; }

measure_stage() { build/venv/bin/python Tests/bench/bench.py "$1"; }

# job_bench [STAGE...] - one stage after the other, all that measure if none is named; then the table.
job_bench() {
  local stage before="install-host install-aarch64 command python"
  [ $# -gt 0 ] || set -- $bench_stages
  if [ ! -d ../shared/bench/models ]; then
    echo "boards/run: the networks to measure are not there: $(realpath -m ../shared/bench/models)" >&2
    exit 1
  fi
  # shellcheck disable=SC2206 # package names are single words
  more_packages=($bench_packages)
  steps_to_build host rpi4
  step command "building the workstation's command line" build-host install_command
  step python "installing the peers from PyPI" setup install_python Tests/bench/requirements.txt
  for stage in "$@"; do
    if [ "$stage" = table ] || [ "$stage" = record ]; then continue; fi
    # Each after all that came before, so that nothing runs beside what is timed.
    step "bench-$stage" "measuring: $stage" "$before" measure_stage "$stage"
    before+=" bench-$stage"
  done
  step bench-table "writing build/bench/table.md and plots" "$before" measure_stage table
  if [[ " $* " == *" record "* ]]; then
    step bench-record "copying them into Tests/bench" bench-table measure_stage record
  fi
  finish
  cat "$log_dir/bench-table.log"
  say "all of it: build/bench/table.md"
}

job_record_counts() {
  # shellcheck disable=SC2206 # package names are single words
  more_packages=($test_packages)
  steps_to_build rpi4
  step record "counting instructions" install-aarch64 python3 Tests/bench/gate.py record
  finish
  cat "$log_dir/record.log"
}

job_package() {
  steps_to_build $(board_names)
  local name
  for name in $(board_names); do
    load_board "$name"
    step "package-$name" "packing $name" "install-$(board_tree)" pack_board "$name"
  done
  finish
  ls -l build/package/*.tar.gz
}

pack_board() {
  local version
  version=$(sed -n 's/^project(Headrace VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
  mkdir -p build/package
  cp LICENSE "build/$1/share/headrace/LICENSE"
  tar -C build -czf "build/package/headrace-$version-$1.tar.gz" \
    --transform "s,^$1,headrace-$version-$1," "$1"
}

board_build() {
  steps_to_build "$1"
  if [ "$1" = host ]; then
    step command "building the workstation's command line" build-host install_command
  fi
  finish
  say "installed into build/$1"
}

board_demo() {
  steps_to_build "$1"
  finish
  load_board "$1"
  say "running headrace-demo camera on ${description}$([ "$cpu" = native ] || echo ", emulated as $cpu")"
  on_board "$1" headrace-demo camera
}

board_bench() {
  local model count
  steps_to_build "$1"
  finish
  load_board "$1"
  if [ "$cpu" != native ]; then
    say "emulated: these are the emulator's times and not the board's"
  fi
  for model in $(shipped_models "$1"); do
    for count in 1 "$threads"; do
      on_board "$1" headrace-demo bench "$model" --threads "$count"
      if [ "$threads" = 1 ]; then break; fi
    done
  done
}
