# shellcheck shell=bash disable=SC2154 # variables of a board and of boards/run
# emulate.sh - runs a program on a board's CPU.

# emulator TREE [CPU] - prints the words that go before a program, one a line; none for this machine.
emulator() {
  local triple qemu sysroot=$root/build/sysroot-$1
  case $1 in
    host) return ;;
    aarch64) triple=aarch64-linux-gnu qemu=qemu-aarch64-static ;;
    armhf) triple=arm-linux-gnueabihf qemu=qemu-arm-static ;;
    armv6) triple=arm-linux-gnueabi qemu=qemu-arm-static ;;
  esac
  # LD_LIBRARY_PATH keeps a libc6 of the board's architecture that is installed on this machine from
  # being mixed with the cross compiler's.
  printf '%s\n' "$qemu" -cpu "$2" -L "/usr/$triple" \
    -E "LD_LIBRARY_PATH=/usr/$triple/lib:$sysroot/usr/lib/$triple"
}

# runs_on TREE FILE - whether FILE is a program of that tree's architecture, by its ELF header.
runs_on() {
  local machine
  case $1 in
    host) return ;; # scripts too
    aarch64) machine=00b7 ;;
    armhf | armv6) machine=0028 ;;
  esac
  [ "$(od -An -tx2 -j18 -N2 "$2" | tr -d ' ')" = $machine ]
}

# on_board BOARD PROGRAM ARGUMENT... - a program's name in build/BOARD/bin, or a path.
on_board() {
  local program=$2 words
  load_board "$1"
  case $program in
    */*) ;;
    *) program=$root/build/$1/bin/$program ;;
  esac
  if [ ! -x "$program" ]; then
    echo "$program: no such program; 'boards/run $1 build' puts programs into build/$1/bin" >&2
    return 1
  fi
  if ! runs_on "$(board_tree)" "$program"; then
    echo "$program: not a program for $1's CPU; build it with a cross compiler" >&2
    return 1
  fi
  mapfile -t words < <(emulator "$(board_tree)" "$cpu")
  "${words[@]}" "$program" "${@:3}"
}
