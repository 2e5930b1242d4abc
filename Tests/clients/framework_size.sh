#!/bin/sh
# framework_size.sh SIZE CC HEADRACE.o LIMIT - the code of what opens models and runs sessions, in bytes:
# without operators, kernels, frames and payloads, which sets of operators and other functions bring in.
set -eu
size=$1 cc=$2 object=$3 limit=$4
linked=$(mktemp)
trap 'rm -f "$linked"' EXIT
roots=
for name in model_requirements model_open_with model_get_requirements model_metadata model_label \
  model_input model_output session_config_init session_bytes session_init session_input session_output \
  session_run session_profile session_kernels tensor_read_float tensor_write_float error_init \
  status_string abi_version crc32c; do
  roots="$roots -Wl,-u,hr_$name"
done
$cc -r -nostdlib -Wl,--gc-sections '-Wl,--unique=.text.*' $roots -o "$linked" "$object"
code=$("$size" -A "$linked" | awk '/^\.text/ { sum += $2 } END { print sum }')
echo "$code bytes of code, at most $limit"
[ "$code" -le "$limit" ]
