#!/bin/sh
# readme.sh README EXAMPLE - the README's first block of C is the example that is compiled and run.
set -eu
awk '/^```c$/ { inside = 1; next } /^```/ && inside { exit } inside' "$1" | diff - "$2"
