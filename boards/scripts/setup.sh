# shellcheck shell=bash disable=SC2154 # variables of a board and of boards/run
# setup.sh - what has to be on this machine: Debian packages, Swift, libraries of other architectures.

host_packages="cmake ninja-build gcc g++ libc6-dev pkg-config libjpeg62-turbo-dev libasound2-dev"
# The workstation's command line does not build without.
host_packages+=" libmicrohttpd-dev"
# Links: programs load these libraries when they want them, and are compiled with their headers.
link_packages="libmosquitto-dev libcurl4-openssl-dev libjansson-dev"
host_packages+=" $link_packages"
aarch64_packages="gcc-aarch64-linux-gnu g++-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static"
armhf_packages="gcc-arm-linux-gnueabihf g++-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user-static"
armel_packages="gcc-arm-linux-gnueabi g++-arm-linux-gnueabi libc6-dev-armel-cross qemu-user-static"
armv6_packages=$armel_packages
# qemu-user is the emulator that loads plugins, which qemu-user-static does not.
test_packages="mosquitto valgrind python3 curl qemu-system-arm qemu-user kmod"
bench_packages="python3 python3-venv qemu-user debootstrap llvm-19"

# The packages that building for an architecture takes.
packages_for() {
  local variable=${1}_packages
  case $1 in
    aarch64 | armhf | armel | armv6) echo "$host_packages ${!variable}" ;;
    *) echo "$host_packages" ;;
  esac
}

# install_packages NAME... - installs those that are missing, if any.
install_packages() {
  local name missing=() as_root=()
  check_swift
  if ! command -v apt-get >/dev/null; then
    echo "This machine has no apt-get. Install what these Debian packages hold: $*"
    echo "then run the build by hand, as the README shows under 'Without Debian'."
    return 1
  fi
  for name in $(printf '%s\n' "$@" | sort -u); do
    if ! dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then missing+=("$name"); fi
  done
  if [ ${#missing[@]} = 0 ]; then
    echo "nothing is missing"
    return 0
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "These packages are missing and installing them takes root: ${missing[*]}"
      echo "Run as root: apt-get install --no-install-recommends ${missing[*]}"
      return 1
    fi
    as_root=(sudo)
  fi
  echo "installing ${missing[*]}"
  "${as_root[@]}" apt-get -q update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
    "${missing[@]}"
}

# install_python FILE - Python packages that a requirements file pins, into build/venv.
install_python() {
  [ -x build/venv/bin/pip ] || python3 -m venv build/venv
  build/venv/bin/pip install --quiet --requirement "$1"
}

check_swift() {
  local version
  version=$(swiftc --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p') || true
  if [ -z "$version" ]; then
    echo "Swift is not on PATH. Install Swift 6.3 for Debian 12 from https://www.swift.org/install/linux/"
    echo "(swiftly or the archive), so that 'swiftc --version' works."
    return 1
  fi
  if [ "$(printf '%s\n' 6.3 "$version" | sort -V | head -n 1)" != 6.3 ]; then
    echo "Swift $version is on PATH; 6.3 or newer is needed: https://www.swift.org/install/linux/"
    return 1
  fi
}

# Unpacks libraries of another architecture into build/sysroot-ARCHITECTURE, once; anew if it was others.
unpack_sysroot() {
  local debian=$1 packages="libjpeg62-turbo libjpeg62-turbo-dev libasound2 libasound2-dev $link_packages"
  case $1 in
    aarch64) debian=arm64 ;;
    armv6) debian=armel ;;
  esac
  if [ "$(cat "build/sysroot-$1/complete" 2>/dev/null)" = "$packages" ]; then
    echo "build/sysroot-$1 is there"
    return 0
  fi
  rm -rf "build/sysroot-$1"
  # shellcheck disable=SC2086 # package names are single words
  boards/scripts/sysroot.sh "$debian" "build/sysroot-$1" $packages
  echo "$packages" >"build/sysroot-$1/complete"
}
