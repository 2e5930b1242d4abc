#!/bin/sh
# library_size.sh SIZE LIBRARY LIMIT - code and constants of the whole library, in bytes.
set -eu
bytes=$("$1" "$2" | awk 'NR > 1 { sum += $1 } END { print sum }')
echo "$bytes bytes of code and constants, at most $3"
[ "$bytes" -le "$3" ]
