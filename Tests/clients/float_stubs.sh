#!/bin/sh
# float_stubs.sh NM LIBRARY STUBS - writes STUBS.S and STUBS.options, which lead every floating-point
# call that LIBRARY makes (libgcc's arithmetic, libm) through float_operation(name) of no_float.c.
set -eu
symbols=$("$1" -u "$2" | awk '$1 == "U" { print $2 }' | sort -u |
  grep -E '^__aeabi_([fdhc][a-z0-9]*|u?[il]2[fd])$|^__.*[sd]f[0-9]?$|^__fixu?n?s?[sd]f|^[a-z0-9]+f$' || true)
: >"$3.options"
echo '.text' >"$3.S"
for symbol in $symbols; do
  echo "-Wl,--wrap=$symbol" >>"$3.options"
  cat >>"$3.S" <<END
.global __wrap_$symbol
.type __wrap_$symbol, %function
__wrap_$symbol:
  push {r0-r4, lr}
  ldr r0, =1f
  bl float_operation
  pop {r0-r4, lr}
  b __real_$symbol
1: .asciz "$symbol"
.balign 4
.pool
END
done
echo '.section .note.GNU-stack,"",%progbits' >>"$3.S"
