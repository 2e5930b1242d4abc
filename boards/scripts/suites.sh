# shellcheck shell=bash disable=SC2154 # variables of a board and of boards/run
# suites.sh - the tests, as steps.

# The CPUs that the system tests emulate beside those of the boards: "max" has every instruction that
# QEMU knows, so the kernels for int8 matrix instructions run too.
more_cpus="aarch64:max"

all_installs="install-host install-aarch64 install-armhf install-armv6"

# Every emulated CPU once, as TREE:CPU.
all_cpus() {
  local name
  {
    for name in $(board_names); do
      load_board "$name"
      if [ "$cpu" != native ]; then echo "$(board_tree):$cpu"; fi
    done
    printf '%s\n' $more_cpus
  } | sort -u
}

# C and C++ clients on a CPU, or all else that CTest tests of a tree; one run of CTest at a time in a tree.
run_clients() {
  (
    flock 9
    if [ -n "${2-}" ]; then export QEMU_CPU=$2; fi
    ctest --test-dir "build/cmake/$1" --output-on-failure ${2:+-L client} ${3:+-LE client}
  ) 9>"build/cmake/$1/tests.lock"
}

# A board whose programs run on every CPU of a tree.
board_of() {
  case $1 in
    host) echo host ;;
    aarch64) echo rpi4 ;;
    armhf) echo rpi2 ;;
    armv6) echo rpi-zero ;;
  esac
}

run_lint() { swift format lint --strict -r Package.swift Sources Tests; }

run_sanitized() {
  # XCTest, beneath Swift Testing, leaks by itself.
  ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path .build-asan
}

# Steps that test a tree: all of CTest's tests, or those that run on a CPU.
suite_clients() {
  local tree=$1 processor=${2-}
  suite "clients-$tree${processor:+-$processor}" "C and C++ clients, $tree${processor:+ on $processor}" \
    "build-$tree" ctest run_clients "$tree" "$processor"
}

# What does not depend on a tree's CPU: symbols, sizes, what is installed.
suite_tree() {
  suite "tree-$1" "symbols, sizes and installed files, $1" "build-$1" ctest run_clients "$1" "" all_else
}

suite_fuzz() {
  local seconds=$1 target
  for target in model packet picture sound link onnx; do
    suite "fuzz-$target" "fuzzing the $target reader, $seconds s" setup one \
      Tests/fuzz/run.sh "$target" "$seconds"
  done
}

job_test() {
  local started=$SECONDS entry
  # shellcheck disable=SC2206 # package names are single words
  more_packages=($(packages_for armel) $test_packages)
  steps_to_build $(board_names)
  step build-armel "building for ARM without floating point" setup build_tree armel
  step build-swift "building the Swift tests" setup swift build --build-tests

  suite lint "source format" setup one run_lint
  suite swift "Swift tests" build-swift swift swift test --skip-build
  suite_clients host
  for entry in $(all_cpus); do suite_clients "${entry%%:*}" "${entry#*:}"; done
  suite_clients armel
  for entry in aarch64 armhf armv6; do suite_tree "$entry"; done
  suite same-bytes "the same packet on every CPU" "$all_installs" tap Tests/system/same_bytes.sh few
  suite same-results "the same results of every fixed-point operator on every CPU" "$all_installs" \
    tap Tests/system/same_results.sh
  suite near-results "float32 on every CPU" "$all_installs" tap Tests/system/near_results.sh
  suite counts "instructions of networks on emulated ARM CPUs" install-aarch64 tap \
    python3 Tests/bench/gate.py check
  suite demo "what headrace-demo prints" install-host tap Tests/system/demo.sh
  suite enhance "what headrace-demo enhance makes and refuses" install-host tap Tests/system/enhance.sh
  suite deblur "what headrace-demo deblur makes and refuses" install-host tap Tests/system/deblur.sh
  suite send "links to tails, and what headrace-demo send does" "install-host build-swift" tap Tests/system/send.sh
  suite serve "what headrace serve answers, counts and refuses" build-swift tap Tests/system/serve.sh
  suite alsa "sound from ALSA" install-host tap Tests/system/alsa.sh
  suite valgrind "memory errors, by Valgrind" install-host tap Tests/system/valgrind.sh
  suite camera "a V4L2 camera on an emulated board" build-aarch64 tap Tests/board/camera.sh
  suite sound "a sound card of the kernel on an emulated board" build-aarch64 tap Tests/board/sound.sh
  suite_fuzz 60
  suite sanitized "Swift tests under AddressSanitizer" swift swift run_sanitized

  run_steps
  say "after $(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s:"
  say_totals
  exit $steps_failed
}

# Results of the workstation's compiler and this machine's runtime beside ONNX Runtime's, as one test.
compare_with_onnxruntime() {
  local status=0 name="results are those of ONNX Runtime"
  build/venv/bin/python Tests/conformance/against_onnxruntime.py \
    --headrace build/host/bin/headrace --demo build/host/bin/headrace-demo || status=$?
  case $status in
    0) echo "ok 1 - $name" ;;
    77) echo "ok 1 - $name # SKIP ../shared/bench/models is not there" ;;
    *) echo "not ok 1 - $name"; return 1 ;;
  esac
}

# What headrace evaluate enhance finds beside scikit-image and BasicSR.
compare_with_scikit_image() {
  build/venv/bin/python Tests/conformance/against_scikit_image.py --headrace build/host/bin/headrace
}

# Apart from the others': MLServer asks for versions of its own.
install_inference_python() {
  [ -x build/venv-inference/bin/pip ] || python3 -m venv build/venv-inference
  build/venv-inference/bin/pip install --quiet --requirement Tests/conformance/inference/requirements.txt
}

install_conformance_python() {
  install_python Tests/conformance/requirements.txt
  install_python Tests/bench/evaluate/requirements-enhance.txt
}

job_conformance() {
  more_packages=(python3 python3-venv)
  steps_to_build $(board_names)
  step command "building the workstation's command line" build-host install_command
  step python "installing Python packages" setup install_conformance_python
  step inference-python "installing an inference server" setup install_inference_python
  suite onnxruntime "results beside ONNX Runtime's" "python command install-host" tap \
    compare_with_onnxruntime
  suite mlserver "answers of an inference server" "inference-python install-host" tap \
    Tests/conformance/against_mlserver.sh
  suite scikit-image "figures of enhancement beside scikit-image's" "python command install-host" tap \
    compare_with_scikit_image
  suite same-bytes "the same packet for every photograph on every CPU" \
    "$all_installs" tap Tests/system/same_bytes.sh all
  run_steps
  say_totals
  exit $steps_failed
}

job_fuzz() {
  step setup "installing packages that are missing" "" install_packages $(packages_for host)
  suite_fuzz $(($1 * 60))
  run_steps
  say_totals
  exit $steps_failed
}

board_test() {
  steps_to_build "$1"
  load_board "$1"
  if [ "$cpu" = native ]; then
    suite swift "Swift tests" setup swift swift test
    suite_clients host
  else
    suite_clients "$(board_tree)" "$cpu"
  fi
  run_steps
  say_totals
  exit $steps_failed
}
