# shellcheck shell=bash disable=SC2154 # variables of a board and of boards/run
# build.sh - builds an architecture's tree and installs it for a board.
#
# All 64-bit ARM boards share one tree, build/cmake/aarch64: kernels are chosen at run time.

# load_board NAME - sets description, architecture, cpu, threads, clock_mhz, camera, ...
load_board() {
  # shellcheck source=/dev/null
  . "$root/boards/$1/board.conf"
}

board_names() {
  local conf
  for conf in boards/*/board.conf; do basename "$(dirname "$conf")"; done
}

is_board() { [[ $1 =~ ^[a-z0-9-]+$ ]] && [ -e "boards/$1/board.conf" ]; }

# The name of a board's tree under build/cmake: its architecture, or host.
board_tree() { if [ "$cpu" = native ]; then echo host; else echo "$architecture"; fi; }

toolchain_file() {
  case $1 in
    aarch64) echo cmake/aarch64-linux-gnu.cmake ;;
    armhf) echo cmake/arm-linux-gnueabihf.cmake ;;
    armel) echo cmake/arm-linux-gnueabi.cmake ;;
    armv6) echo cmake/armv6-linux-gnueabi.cmake ;;
  esac
}

# build_tree host|aarch64|armhf|armv6|armel
build_tree() {
  local options=(-DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_LIBDIR=lib)
  case $1 in
    host) ;;
    armel) options+=(--toolchain "$root/$(toolchain_file armel)" -DHEADRACE_IO=OFF) ;;
    *) options+=(--toolchain "$root/$(toolchain_file "$1")" "-DHEADRACE_SYSROOT=$root/build/sysroot-$1") ;;
  esac
  cmake -G Ninja -S . -B "build/cmake/$1" "${options[@]}"
  cmake --build "build/cmake/$1"
}

# install_boards BOARD... - installs into build/BOARD.
install_boards() {
  local name
  for name in "$@"; do
    load_board "$name"
    cmake --install "build/cmake/$(board_tree)" --prefix "build/$name"
    mkdir -p "build/$name/share/headrace"
    cp "boards/$name/board.conf" "build/$name/share/headrace/board.conf"
  done
}

# The workstation's command line, headrace, for this machine, and the scripts that it runs.
install_command() {
  export HEADRACE_VARIANTS=$root/build/cmake/host
  swift build -c release --product headrace
  mkdir -p build/host/bin build/host/share/headrace/evaluate
  cp Tests/bench/evaluate/*.py Tests/bench/evaluate/*.txt build/host/share/headrace/evaluate/
  cp "$(swift build -c release --product headrace --show-bin-path)/headrace" build/host/bin/
}

more_packages=() # that a job needs beyond those for building

# steps_to_build BOARD... - the steps up to installed boards: setup, build-TREE and install-TREE.
steps_to_build() {
  local name tree packages=("${more_packages[@]}") trees
  declare -A boards_of=()
  for name in "$@"; do
    load_board "$name"
    boards_of[$(board_tree)]+=" $name"
  done
  mapfile -t trees < <(printf '%s\n' "${!boards_of[@]}" | sort)
  # shellcheck disable=SC2207 # package names are single words
  for tree in "${trees[@]}"; do packages+=($(packages_for "$tree")); done
  step setup "installing packages that are missing" "" install_packages "${packages[@]}"
  for tree in "${trees[@]}"; do
    if [ "$tree" = host ]; then
      step "build-$tree" "building for this machine" setup build_tree "$tree"
    else
      step "sysroot-$tree" "unpacking libraries for $tree" setup unpack_sysroot "$tree"
      step "build-$tree" "building for $tree" "sysroot-$tree" build_tree "$tree"
    fi
    # shellcheck disable=SC2086 # board names are single words
    step "install-$tree" "installing into$(sed 's/ \([^ ]*\)/, build\/\1/g; s/^,//' <<<"${boards_of[$tree]}")" "build-$tree" \
      install_boards ${boards_of[$tree]}
  done
}
