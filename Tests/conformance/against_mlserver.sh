#!/bin/sh
# against_mlserver.sh - headrace-demo send and a real inference server, whose model is the split's exit in float: it
# answers as the exit on the board does. Needs build/host, build/venv-inference with
# Tests/conformance/inference/requirements.txt, and an architecture that these packages are there for.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$PWD/build/inference-test
venv=$PWD/build/venv-inference
models=$PWD/Sources/Models/split
rm -rf "$work"
mkdir -p "$work/tail"

. Tests/system/tap.sh

# Free ports for HTTP, gRPC and metrics.
set -- $(python3 -c 'import socket
held = [socket.socket() for _ in range(3)]
for one in held: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))')
cp Tests/conformance/inference/runtime.py "$work/tail/"
cat >"$work/settings.json" <<SETTINGS
{"host": "127.0.0.1", "http_port": $1, "grpc_port": $2, "metrics_port": $3, "parallel_workers": 0}
SETTINGS
cat >"$work/tail/model-settings.json" <<SETTINGS
{"name": "tail", "implementation": "runtime.Tail", "parameters": {"uri": "$models/exit.onnx"},
 "inputs": [{"name": "latent", "datatype": "FP32", "shape": [1, 40, 14, 14]}],
 "outputs": [{"name": "probability", "datatype": "FP32", "shape": [1, 43]}]}
SETTINGS
(cd "$work" && PYTHONPATH="$work/tail" exec "$venv/bin/mlserver" start . >"$work/server.log" 2>&1) &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null' EXIT
address=http://127.0.0.1:$1/v2/models/tail
for _ in $(seq 300); do
  python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1] + "/ready", timeout=1)' "$address" \
    2>"$work/ready.err" && break
  sleep 0.2
done

build/host/bin/headrace-demo send --to "$address" --frames 30 --threshold 1 --deadline 5000 --json >"$work/out" &&
  build/host/bin/headrace-demo send --to "$address" --frames 1 --threshold 0 --json >"$work/exit" &&
  python3 - "$work/out" "$work/exit" <<'LINES'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
frames, summary = lines[:-1], lines[-1]["summary"]
tail = [frame for frame in frames if frame["where"] == "tail"]
here = json.loads(open(sys.argv[2]).readline())
print("# answered", len(tail), "of", len(frames), "round trip of the middle one",
      sorted(frame["round_trip_ms"] for frame in tail)[len(tail) // 2], "ms;", tail[-1]["label"],
      tail[-1]["probability"], "there,", here["label"], here["probability"], "here")
# The first frames may go before the server has told what its model reads.
assert len(tail) >= 20 and summary["health"] == "up" and summary["damaged"] == 0
assert all(frame["label"] == here["label"] and abs(frame["probability"] - here["probability"]) < 0.03 for frame in tail)
LINES
check "MLServer's answers are those of the same network on the board"
[ $failures = 0 ]
