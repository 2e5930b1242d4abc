#!/bin/sh
# send.sh - headrace-demo send and tails that answer, are late, are silent, say nonsense, or go and come back; by UDP,
# TCP, an MQTT broker of its own and small inference servers, all on this machine's loopback. Needs build/host,
# build/cmake/host and a built headrace: HEADRACE names it, else that of the Swift tests is taken.
set -u
cd "$(dirname "$0")/../.." || exit 1
demo=build/host/bin/headrace-demo
models=build/host/share/headrace/models/split
clients=build/cmake/host/Tests/clients
headrace=${HEADRACE:-.build/debug/headrace}
work=build/send-test
mkdir -p $work

. Tests/system/tap.sh

tail_pid='' broker_pid='' send_pid='' way_pid=''
stop() { # PID
  [ -z "$1" ] || { kill "$1" 2>/dev/null; wait "$1" 2>/dev/null; }
}
trap 'stop "$tail_pid"; stop "$broker_pid"; stop "$send_pid"; stop "$way_pid"' EXIT

# wait_for FILE - until it has a line, or for thirty seconds.
wait_for() {
  for _ in $(seq 600); do
    [ -s "$1" ] && return 0
    sleep 0.05
  done
  return 1
}

# start_tail ADDRESS [BEHAVIOUR [HEAD EXIT]] - sets $address.
start_tail() {
  rm -f $work/tail
  $clients/tail "$1" ${3-$models/head.hrm} ${4-$models/exit.hrm} ${2-} >$work/tail 2>$work/tail.err &
  tail_pid=$!
  wait_for $work/tail && address=$(head -n 1 $work/tail)
}
stop_tail() { stop "$tail_pid"; tail_pid=''; }

# sends ARGUMENT... - to $address, with the exit never sure enough; output goes into $work/out and $work/err.
sends() {
  timeout 60 $demo send --to "$address" --json --threads 1 --threshold 1 "$@" >$work/out 2>$work/err
}

# holds EXPRESSION - of Python, with frames (a list), summary, and count("tail") and the like of frames.
holds() {
  python3 - $work/out "$1" <<'LINES'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
frames, summary = lines[:-1], lines[-1]["summary"]
count = lambda where: sum(frame["where"] == where for frame in frames)
keys = {"source", "width", "height", "input_width", "input_height", "jpeg_bytes", "payload_bytes", "payload_crc32c", "rate", "label", "probability",
        "milliseconds", "where", "sequence", "layers", "precision", "round_trip_ms", "health", "latency_ms"}
assert all(set(frame) == keys for frame in frames)
assert all(set(frame["milliseconds"]) == {"decode", "prepare", "head", "code", "tail"} for frame in frames)
assert summary["frames"] == len(frames) and sorted(f["sequence"] for f in frames) == list(range(len(frames)))
assert all(summary[where] == count(where) for where in ("exit", "tail", "fallback"))
left = sum(summary[key] for key in ("refused", "replaced", "answered", "lost", "failed", "waiting", "in_flight"))
assert summary["offered"] == left, summary
sys.exit(not eval("(" + sys.argv[2] + ")"))
LINES
}

for kind in udp tcp; do
  start_tail $kind://127.0.0.1:0
  sends --frames 8 --rate 5 --deadline 5000 && holds 'count("tail") == 8 and summary["answered"] == 8 and
    all(f["layers"] == 6 and f["health"] == "up" and f["round_trip_ms"] > 0 for f in frames)' &&
    cp $work/out $work/all
  check "every frame is answered by the tail, by $kind"
  timeout 60 $demo send --to "$address" --json --threads 1 --threshold 0 --frames 1 >$work/out 2>$work/err &&
    holds 'count("exit") == 1 and frames[0]["payload_bytes"] == 0 and frames[0]["payload_crc32c"] is None and
    [frames[0][k] for k in ("label", "probability")] ==
    [json.loads(open("'$work'/all").readline())[k] for k in ("label", "probability")]'
  check "an exit that is sure sends nothing, and says what the same network says elsewhere, by $kind"
  sends --frames 3 --rate 1 --deadline 5000 &&
    holds 'all((f["rate"], f["layers"], f["precision"]) == (1, 4, 3) for f in frames)' &&
    sends --frames 3 --max-bytes 500 --rate 5 --deadline 5000 &&
    holds 'all(f["payload_bytes"] <= 500 and f["where"] == "tail" for f in frames)' &&
    sends --frames 30 --deadline 5000 && holds 'frames[-1]["rate"] == 5 and count("tail") == 30'
  check "rates and sizes are kept, and the highest rate is sent where the link is fast, by $kind"
  stop_tail
  start_tail $kind://127.0.0.1:0 twice
  sends --frames 6 --deadline 5000 && holds 'count("tail") == 6 and summary["late"] > 0'
  check "answers that come twice are told once, by $kind"
  stop_tail
  start_tail $kind://127.0.0.1:0 never
  sends --frames 30 --fps 20 --deadline 200 &&
    holds 'count("fallback") == 30 and summary["lost"] > 0 and summary["refused"] > 0 and
    summary["health"] == "down" and "no answer" in summary["what"]'
  check "frames are answered on the board where the tail is silent, by $kind"
  stop_tail
  start_tail $kind://127.0.0.1:0 late
  sends --frames 40 --fps 20 --deadline 300 && holds 'count("fallback") == 40 and summary["answered"] == 0 and
    frames[0]["latency_ms"] >= 300'
  check "so they are where it is late, by $kind"
  stop_tail
  start_tail $kind://127.0.0.1:0 garbage
  sends --frames 20 --fps 20 --deadline 200 && holds 'count("fallback") == 20 and summary["damaged"] > 0'
  check "and where it talks nonsense, by $kind"
  stop_tail
  start_tail $kind://127.0.0.1:0 refuse
  sends --frames 4 --deadline 5000 && holds 'count("fallback") == 4 and summary["refused_by_tail"] == 4 and
    summary["answered"] == 4' && grep -q "no tail for .*head.hrm.*; add one" $work/err
  check "and where it refuses, which is said, by $kind"
  stop_tail

  start_tail $kind://127.0.0.1:0
  sends --frames 100 --fps 20 --deadline 400 &
  send_pid=$!
  sleep 1.5
  stop_tail
  sleep 1
  start_tail "$address"
  wait $send_pid && holds 'len(frames) == 100 and count("tail") > 20 and count("fallback") > 5 and
    all(f["label"] for f in frames) and frames[-1]["where"] == "tail" and summary["health"] == "up"'
  check "a tail that ends and comes back is missed and found again, by $kind"
  send_pid=''
  stop_tail
done

start_tail udp://127.0.0.1:0
rm -f $work/port
python3 Tests/system/slow_way.py "${address##*:}" 6000 25 >$work/port &
way_pid=$!
wait_for $work/port && address=udp://127.0.0.1:$(cat $work/port)
# Eight frames of all layers a second are 16 KB.
sends --frames 80 --fps 8 --deadline 500 && holds 'count("tail") >= 20 and
  sum(f["payload_bytes"] for f in frames) / sum(f["payload_bytes"] > 0 for f in frames) < 1400'
check "less is sent where the way is slow"
stop "$way_pid"
way_pid=''
stop_tail

start_tail udp://127.0.0.1:0
rm -f $work/port
# After five seconds a large packet takes a third of one where it took a hundredth.
python3 Tests/system/slow_way.py "${address##*:}" 125000 10 5 6000 >$work/port &
way_pid=$!
wait_for $work/port && address=udp://127.0.0.1:$(cat $work/port)
sends --frames 60 --fps 5 --deadline 500 && holds 'sum(f["where"] == "tail" for f in frames[5:25]) >= 16 and
  sum(f["where"] == "tail" for f in frames[35:]) >= 20'
check "where the way suddenly is twenty times slower, frames are answered in time within two seconds"
stop "$way_pid"
way_pid=''
stop_tail

# The head for pictures of 224 and of 160 pixels, and the exit, once on the board and once as the tail, for both.
python3 - >$work/picture.ppm <<'PICTURE'
import math, sys
rows = [[(128 + 100 * math.sin(x / 9 + c) * math.cos(y / 13 - c)) for x in range(256) for c in range(3)] for y in range(256)]
sys.stdout.buffer.write(b"P6 256 256 255\n" + bytes(int(value) for row in rows for value in row))
PICTURE
cp Sources/Models/split/head.onnx $work/head-224.onnx && cp Sources/Models/split/exit.onnx $work/exit-224.onnx &&
  python3 Tests/system/smaller.py $work/head-224.onnx $work/head-160.onnx 224 160 14 10 &&
  python3 Tests/system/smaller.py $work/exit-224.onnx $work/exit-160.onnx 14 10
sizes=$?
both="--head $work/head-224.hrm --exit $work/exit-224.hrm --head $work/head-160.hrm --exit $work/exit-160.hrm"
for side in 224 160; do
  "$headrace" compile $work/head-$side.onnx -o $work/head-$side.hrm --type int8 --calibrate $work/picture.ppm --quiet &&
    "$headrace" compile $work/exit-$side.onnx --head $work/head-$side.hrm -o $work/exit-$side.hrm --quiet || sizes=1
done
[ $sizes = 0 ]
check "one head's weights make heads for two sizes of picture"
rm -f $work/tail $work/port
$clients/tail udp://127.0.0.1:0 $work/head-224.hrm $work/exit-224.hrm answer $work/head-160.hrm $work/exit-160.hrm \
  >$work/tail 2>$work/tail.err &
tail_pid=$!
wait_for $work/tail
# At this pace 224 takes 6,900 bytes a second and more, 160 from 3,700 on. After eight seconds the way is slow.
python3 Tests/system/slow_way.py "$(sed -n '1s,.*:,,p' $work/tail)" 60000 20 8 4800 >$work/port &
way_pid=$!
wait_for $work/port && address=udp://127.0.0.1:$(cat $work/port)
# shellcheck disable=SC2086 # $both is arguments
sends --frames 110 --fps 3 --deadline 1000 $both && holds 'sum(f["input_width"] == 224 and f["where"] == "tail"
  for f in frames[5:22]) >= 12 and sum(f["input_width"] == 160 and f["where"] == "tail" for f in frames[-25:]) >= 18 and
  max(f["payload_bytes"] for f in frames[5:22]) > 2 * max(f["payload_bytes"] for f in frames[-25:])'
check "frames go through the head of smaller pictures where the way becomes slow, and through the other where it is fast"
stop "$way_pid"
way_pid=''
stop_tail
start_tail udp://127.0.0.1:0 answer $work/head-160.hrm $work/exit-160.hrm
# shellcheck disable=SC2086
sends --frames 20 --fps 10 --deadline 2000 $both && holds 'count("tail") >= 18 and summary["refused_by_tail"] >= 1 and
  all(f["input_width"] == 160 for f in frames if f["where"] == "tail")' && grep -q "no tail for .*head-224.hrm" $work/err
check "where the tail of one head is missing, which is said, frames go through the other"
stop_tail
address=tcp://127.0.0.1:9
# shellcheck disable=SC2086
sends --frames 3 $both && holds 'count("fallback") == 3 and all(f["input_width"] == 224 for f in frames)'
check "without a tail the board answers from the larger pictures"

start_tail udp://127.0.0.1:0 refuse
hostile=$(printf '%s/\033c' $work)
cp $models/head.hrm "$hostile.hrm"
sends --frames 1 --deadline 5000 --head "$hostile.hrm" --exit $models/exit.hrm &&
  grep -q 'no tail for .*u{1B}c.hrm' $work/err &&
  ! LC_ALL=C grep -q "$(printf '\033')" $work/err
check "a refusal names a head without its name steering the terminal"
stop_tail
start_tail udp://127.0.0.1:0
long=$work/$(printf 'ü%.0s' $(seq 120))
mkdir -p "$long" && cp $work/picture.ppm "$long/picture.ppm"
sends --deadline 5000 "$long/picture.ppm" && holds 'frames[0]["source"] == "'"$long"'/picture.ppm" and count("tail") == 1'
check "the JSON has the whole of a long name"
stop_tail

address=tcp://127.0.0.1:9
sends --frames 3 && holds 'count("fallback") == 3 and summary["refused"] + summary["failed"] == 3'
check "without any tail the board answers"
$demo send --to "$address" --threads 1 --threshold 1 --fps 20 >$work/out 2>$work/err &
send_pid=$!
sleep 1.5
kill -INT $send_pid
wait $send_pid && tail -n 3 $work/out | grep -q "frames: 0 answered by the tail"
check "an interrupt ends it with a summary"
mkdir -p $work/many && for i in $(seq 200); do cp $work/picture.ppm "$work/many/$i.ppm"; done
: >$work/out
$demo send $work/many --to "$address" --threads 1 --threshold 1 --fps 10 >$work/out 2>$work/err &
send_pid=$!
until [ -s $work/out ] || ! kill -0 $send_pid 2>/dev/null; do sleep 0.05; done
kill -INT $send_pid
wait $send_pid
[ $? = 130 ] && tail -n 3 $work/out | grep -q "frames*: 0 answered by the tail" && grep -q "interrupted after" $work/err
check "and where pictures are left is no success"
send_pid=''

# exits STATUS COMMAND...
exits() {
  expected=$1
  shift
  "$@" >$work/out 2>$work/err
  [ $? = "$expected" ]
}
exits 2 $demo send && grep -q -- "--to" $work/err && exits 2 $demo send --to ftp://127.0.0.1:1 &&
  exits 2 $demo send --to udp://127.0.0.1:1 --threshold 2 && exits 2 $demo send --to udp://127.0.0.1:1 --rate x &&
  exits 2 $demo send --to udp://127.0.0.1:1 --exit $models/exit.hrm &&
  exits 2 $demo send --to udp://127.0.0.1:1 --head $models/head.hrm --threshold 0.5 && grep -q "add the --exit" $work/err &&
  exits 1 $demo send --to udp://127.0.0.1:1 --rate 6 && grep -q "rates 0 to 5" $work/err &&
  exits 1 $demo send --to udp://127.0.0.1:1 $work/none.jpg && exits 1 $demo send --to udp://127.0.0.1:1 \
  --head $models/exit.hrm
check "wrong usage and bad input are told apart"
exits 2 $demo send --to udp://127.0.0.1:1 --head $work/head-224.hrm --head $work/head-160.hrm --rate 3 &&
  exits 2 $demo send --to udp://127.0.0.1:1 $both --exit $models/exit.hrm &&
  exits 1 $demo send --to udp://127.0.0.1:1 --head $models/head.hrm --head $models/head.hrm && grep -q twice $work/err
check "heads that cannot be chosen among are refused"
"$headrace" compile $work/exit-224.onnx -o $work/exit-unnamed.hrm --quiet &&
  exits 1 $demo send --to udp://127.0.0.1:1 --head $work/head-224.hrm --exit $work/exit-160.hrm &&
  grep -q "exit-160.hrm belongs to head .*compile it with --head" $work/err && [ ! -s $work/out ] &&
  exits 1 $demo send --to udp://127.0.0.1:1 --head $work/head-160.hrm --exit $work/exit-unnamed.hrm &&
  grep -q "exit-unnamed.hrm does not read latents of .*head-160.hrm's shape" $work/err && [ ! -s $work/out ]
check "an exit of another head is refused before the first frame"

# serve KIND - an inference server; sets $address.
serve() {
  rm -f $work/port
  python3 Tests/system/inference_server.py "$1" >$work/port 2>$work/server.err &
  tail_pid=$!
  wait_for $work/port && address=http://127.0.0.1:$(cat $work/port)/v2/models/tail
}
# At a pace that lets the server say first what its model reads.
for kind in packet-binary packet-text latent-binary latent-text unlisted; do
  serve $kind
  sends --frames 30 --fps 20 --deadline 2000 && holds 'count("tail") >= 20 and all(f["label"] == "Avocado" and
    abs(f["probability"] - 0.7) < 1e-3 for f in frames if f["where"] == "tail")' && [ ! -s $work/server.err ]
  check "an inference server answers, $kind"
  stop_tail
done
serve error
sends --frames 20 --fps 20 --deadline 2000 && holds 'count("fallback") == 20 and summary["refused_by_tail"] >= 10'
check "what an inference server refuses is answered on the board"
stop_tail
# wrong KIND TEXT - an answer of another kind than was promised is none, and TEXT says why and what to do.
wrong() {
  serve "$1"
  sends --frames 20 --fps 20 --deadline 2000 && holds 'count("fallback") == 20 and summary["damaged"] > 0 and
    "'"$2"'" in summary["what"] and ";" in summary["what"]'
}
wrong nonsense "FP32"
check "so is what it answers with no tensor"
stop_tail
all=true
for kind in type shape square count name; do
  case $kind in
    type) text="answers with INT64, not FP32; serve the model" ;;
    count) text="not the numbers that its shape says" ;;
    name) text="without its model's output p; serve that model" ;;
    *) text="another shape than its model's row of classes; serve that model" ;;
  esac
  wrong $kind "$text" || { all=false && echo "# $kind"; }
  stop_tail
done
$all
check "and what it answers of another type, shape, number or name than its model's"
serve turns
sends --frames 200 --fps 20 --deadline 1000 && holds 'sum(f["where"] == "tail" for f in frames[-40:]) >= 10 and
  summary["damaged"] > 1'
check "one that is wrong now and then is asked again each time, whatever else it was asked before"
stop_tail
serve map
sends --frames 10 --fps 20 && holds 'count("fallback") == 10 and "row of classes; serve a tail" in summary["what"]'
check "a model whose outputs are no classes is asked nothing"
stop_tail
serve error
address=${address%tail}other
sends --frames 10 --fps 20 && holds 'count("fallback") == 10 and "404" in summary["what"]'
check "and what is asked of a model that it does not have"
stop_tail

broker=$(command -v mosquitto || echo /usr/sbin/mosquitto)
if [ -x "$broker" ]; then
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" >$work/broker.conf
  start_broker() {
    "$broker" -c $work/broker.conf >$work/broker.log 2>&1 &
    broker_pid=$!
    sleep 0.7
  }
  start_broker
  $clients/link mqtt://127.0.0.1:"$port"/lab/one 2>$work/err
  check "links and listeners behave by MQTT as they do by UDP and TCP"
  start_tail mqtt://127.0.0.1:"$port"/lab/two
  sleep 0.5
  sends --frames 8 --deadline 5000 && holds 'count("tail") == 8'
  check "every frame is answered by the tail, by mqtt"
  sends --frames 160 --fps 20 --deadline 400 &
  send_pid=$!
  sleep 1.5
  stop "$broker_pid"
  sleep 1
  start_broker
  wait $send_pid && holds 'len(frames) == 160 and count("tail") > 20 and count("fallback") > 5 and
    frames[-1]["where"] == "tail" and summary["health"] == "up" and summary["reconnects"] > 0'
  check "a broker that is started anew is found again by both sides"
  send_pid=''
  stop_tail
  stop "$broker_pid"
  broker_pid=''
else
  for name in "links and listeners behave by MQTT as they do by UDP and TCP" \
    "every frame is answered by the tail, by mqtt" "a broker that is started anew is found again by both sides"; do
    number=$((number + 1))
    echo "ok $number - $name # SKIP mosquitto is not installed"
  done
fi
[ $failures = 0 ]
