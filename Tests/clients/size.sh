#!/bin/sh
# size.sh SIZE CC INCLUDE PROGRAM.c LIBRARY FOLDER LIMIT - the code that the library gives a program.
#
# Links PROGRAM.c without what it does not reach, and compares its code with LIMIT, in bytes.
set -eu
size=$1 cc=$2 include=$3 source=$4 library=$5 folder=$6 limit=$7
mkdir -p "$folder"
program=$folder/$(basename "$source" .c)
$cc -Os -I "$include" "$source" "$library" -lm -Wl,--gc-sections -o "$program"
code=$("$size" -A "$program" | awk '$1 == ".text" { print $2 }')
constants=$("$size" -A "$program" | awk '$1 == ".rodata" { print $2 }')
echo "$code bytes of code, at most $limit; $constants bytes of constants"
[ "$code" -le "$limit" ]
