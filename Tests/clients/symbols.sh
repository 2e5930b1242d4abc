#!/bin/sh
# symbols.sh NM LIBRARY EXPORTS - what libheadrace.a needs and what it offers.
#
# It may need memory and string functions of libc, functions of libm, and what the compiler calls for
# arithmetic that the CPU lacks (libgcc's); nothing that allocates. It offers the functions of
# headrace.h, all of them and no other symbol.
set -eu
nm=$1 library=$2 exports=$3
status=0

needed=$("$nm" -u "$library" | awk '$1 == "U" { print $2 }' | sort -u)
for symbol in $needed; do
  case $symbol in
    memcpy | memmove | memset | memcmp | strlen) ;;
    expf | logf | tanhf | erff | powf | sqrtf | sinf | cosf | floorf | ceilf | rintf | log1pf | fabsf | asinf | atan2f) ;;
    erfcf | sqrt | roundf | truncf | fmaf | fminf | fmaxf | exp2f | log2f | expm1f | roundevenf) ;;
    _GLOBAL_OFFSET_TABLE_) ;;
    # libgcc: the run-time functions of the ARM and GCC ABIs.
    __aeabi_mem*) ;;
    __aeabi_* | __*di3 | __*ti3 | __*[sd]f | __*[sd]f2 | __*[sd]f3 | __*sfsi | __*sfdi) ;;
    *)
      echo "libheadrace.a needs $symbol"
      status=1
      ;;
  esac
done

offered=$(mktemp) promised=$(mktemp)
trap 'rm -f "$offered" "$promised"' EXIT
"$nm" -g --defined-only "$library" | awk 'NF == 3 { print $3 }' | sort -u >"$offered"
sort -u "$exports" >"$promised"
if ! diff "$promised" "$offered"; then
  echo "headrace.h promises the functions marked <, libheadrace.a offers the symbols marked >"
  status=1
fi
[ $status = 0 ] && echo "needs: $(echo $needed)"
exit $status
