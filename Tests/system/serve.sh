#!/bin/bash
# serve.sh - headrace serve answers heads over UDP and TCP, counts all that comes, and ends when it is told to. Needs
# a built headrace: HEADRACE names it, else that of the Swift tests is taken. Prints TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
headrace=${HEADRACE:-.build/debug/headrace}
work=build/serve-test
models=Sources/Models
rm -rf "$work"
mkdir -p "$work"

. Tests/system/tap.sh
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null' EXIT

# serve ARGUMENT... - in the background, until it has said where it listens: ports in $udp, $tcp and $metrics.
serve() {
  : >"$work/out" # what the last one said is not what this one says
  "$headrace" serve --listen udp://127.0.0.1:0 --listen tcp://127.0.0.1:0 --metrics 127.0.0.1:0 --json "$@" \
    >"$work/out" 2>"$work/err" &
  pid=$!
  for _ in $(seq 300); do
    [ -s "$work/out" ] && break
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.1
  done
  udp=$(sed -n '1s,.*udp://127.0.0.1:\([0-9]*\).*,\1,p' "$work/out")
  tcp=$(sed -n '1s,.*tcp://127.0.0.1:\([0-9]*\).*,\1,p' "$work/out")
  metrics=$(sed -n '1s,.*"metrics":"127.0.0.1:\([0-9]*\)".*,\1,p' "$work/out")
  [ -n "$udp" ] && [ -n "$tcp" ] && [ -n "$metrics" ]
}
# ends SIGNAL - whether the service ends well by it.
ends() {
  kill "-$1" "$pid"
  wait "$pid"
  local status=$?
  pid=
  [ $status = 0 ]
}
heads() { python3 Tests/system/heads.py "$1" "$udp" "$tcp" "$work/a.json" "$work/b.json" 2>>"$work/heads"; }
page() { curl -s --max-time 10 "http://127.0.0.1:$metrics/$1"; }
figure() { page metrics | sed -n "s/^$1 \([0-9]*\)$/\1/p"; }
# refuses STATUS TEXT ARGUMENT... - with the text on standard error, and nothing is served.
refuses() {
  local expected=$1 text=$2
  shift 2
  timeout 60 "$headrace" serve "$@" >"$work/refused" 2>"$work/why"
  [ $? = "$expected" ] && grep -q -- "$text" "$work/why" && [ ! -s "$work/refused" ]
}

"$headrace" inspect $models/bottlefit/head.hrm --json >"$work/a.json" &&
  "$headrace" inspect $models/split/head.hrm --json >"$work/b.json"
check "the heads' models can be read"

serve --tail $models/bottlefit/tail.hrm --head $models/bottlefit/head.hrm \
  --tail $models/split/tail.hrm --head $models/split/head.hrm --workers 2
check "it starts with two tails on UDP and TCP and says where"
grep -q "\"head\":\"$(sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p' "$work/a.json")\"" "$work/out"
check "it names the heads"
for what in answers_repeat_the_packet_and_rank_classes one_latent_has_one_answer_on_every_link \
  a_stream_that_ends_behind_its_packet_is_answered_and_then_ended \
  packets_find_their_tail_by_their_head unknown_heads_and_latents_that_do_not_decode_are_refused \
  of_a_senders_frames_the_newest_is_answered_and_none_is_forgotten nothing_that_comes_ends_it; do
  heads $what
  check "$(tr _ ' ' <<<$what)"
done
[ "$(page healthz)" = ok ]
check "it says that it is well"
# health PATH - the status, and what else is said.
health() { curl -s --max-time 5 -w '%{http_code}' "http://127.0.0.1:$metrics/v2/$1"; }
[ "$(health health/live)" = 200 ] && [ "$(health health/ready)" = 200 ]
check "it is live and ready as the Open Inference Protocol has it: by status 200 and no body"
name=$(sed -n '1s,.*"tails":\[{[^}]*"name":"\([^"]*\)".*,\1,p' "$work/out")
[ "$(health "models/$name/ready")" = 200 ] && [ "$(health models/other/ready)" = 400 ] &&
  [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$metrics/v2/models/$name")" = 404 ]
check "a tail is ready by its name, and one that is not there is not"
python3 Tests/system/heads.py half_sent_requests_keep_nobody_from_metrics "$metrics" 0 "$work/a.json" 2>>"$work/heads"
check "half-sent requests keep nobody from metrics and health for a second"
[ -n "$(figure headrace_uptime_seconds)" ] || page metrics | grep -q '^headrace_uptime_seconds [0-9.]*$'
check "metrics are served"
! page metrics | grep -vqE '^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+)$'
check "every line of them is one of Prometheus' format"
page metrics | python3 -c '
import re, sys
figures = [(name, float(value)) for name, value in re.findall(r"^([^#\s]+.*) (\S+)$", sys.stdin.read(), re.M)]
def total(prefix): return sum(value for name, value in figures if name.startswith(prefix))
received, waiting = total("headrace_frames_received_total"), total("headrace_waiting_packets")
assert received == total("headrace_frames_total") + waiting and received > 0
packets = total("headrace_packets_received_total")
assert packets == received + total("headrace_unknown_packets_total") + total("headrace_other_packets_total")
assert total("headrace_packets_damaged_total") > 0
assert total("headrace_answers_sent_total") + total("headrace_answers_unsent_total") >= received
' 2>>"$work/heads"
check "counts add up: every packet is answered, refused, replaced or left out"
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$metrics/other")" = 404 ] &&
  [ "$(curl -s -o /dev/null -w '%{http_code}' -d x "http://127.0.0.1:$metrics/metrics")" = 405 ]
check "other pages and methods are refused"
refuses 1 "127.0.0.1:$udp" --tail $models/bottlefit/tail.hrm --head $models/bottlefit/head.hrm \
  --listen "udp://127.0.0.1:$udp" && refuses 1 "127.0.0.1:$metrics" --tail $models/bottlefit/tail.hrm \
  --head $models/bottlefit/head.hrm --listen udp://127.0.0.1:0 --metrics "127.0.0.1:$metrics"
check "an address that is taken is refused"
ends TERM
check "SIGTERM ends it with 0"

serve --tail $models/bottlefit/tail.onnx --head $models/bottlefit/head.hrm && heads one_latent_has_one_answer_on_every_link
check "an ONNX tail is compiled and answers"
ends INT && tail -n 1 "$work/out" | grep -q '"answered":3,.*"event":"end"'
check "Ctrl-C ends it with 0 and a summary"

"$headrace" compile $models/bottlefit/tail.onnx --head $models/bottlefit/head.hrm -o "$work/tail.hrm" --quiet &&
  serve --tail "$work/tail.hrm" && heads one_latent_has_one_answer_on_every_link && ends INT
check "a tail that names its head needs no other"
serve --tail "$work/tail.hrm" && ends HUP && tail -n 1 "$work/out" | grep -q '"event":"end"'
check "a terminal that goes away ends it with 0 and a summary, too"
trap "" HUP
serve --tail "$work/tail.hrm" && trap - HUP && kill -HUP "$pid" && sleep 0.5 && [ "$(page healthz)" = ok ] && ends TERM
check "but not under nohup"

soft=$(ulimit -Sn)
ulimit -Sn 60
serve --tail "$work/tail.hrm" --workers 1
started=$?
ulimit -Sn "$soft"
[ $started = 0 ] && heads connections_without_file_descriptors_wait &&
  [ "$(grep -c 'no file descriptor is left for new connections; raise the limit (ulimit -n)' "$work/err")" = 1 ] &&
  page metrics | grep -q '^headrace_peers_starved_total{[^}]*tcp[^}]*} [1-9]' && ends INT
check "want of file descriptors is told once with its remedy, counted, and passes"

refuses 2 "add --tail" --listen udp://127.0.0.1:0 && refuses 2 "add --listen" --tail x.hrm
check "wrong usage exits with 2"
refuses 1 "add --head" --tail $models/bottlefit/tail.hrm --listen udp://127.0.0.1:0 &&
  refuses 1 "no tail is left" --tail "$work/tail.hrm" --head $models/split/head.hrm --listen udp://127.0.0.1:0 &&
  refuses 1 "a head has one tail" --tail $models/bottlefit/tail.hrm --head $models/bottlefit/head.hrm \
    --tail $models/bottlefit/tail.hrm --head $models/bottlefit/head.hrm --listen udp://127.0.0.1:0
check "tails and heads that do not fit are refused with a remedy"
refuses 1 "shape" --tail $models/bottlefit/tail.hrm --head $models/split/head.hrm --listen udp://127.0.0.1:0
check "a tail of another head is refused"
refuses 2 "no address of a link" --tail "$work/tail.hrm" --listen carrier-pigeon://x &&
  refuses 2 "metrics takes HOST:PORT" --tail "$work/tail.hrm" --listen udp://127.0.0.1:0 --metrics 9090
check "an address of no known kind is wrong usage"
refuses 1 "the host cannot be found" --tail "$work/tail.hrm" --listen udp://nowhere.invalid:7
check "a host that is not found is refused"

# What is printed must not go into a link that got the number of a closed stream. Where it listens nothing says.
"$headrace" serve --tail "$work/tail.hrm" --listen "udp://127.0.0.1:$udp" --listen "tcp://127.0.0.1:$tcp" \
  --metrics "127.0.0.1:$metrics" <&- >&- 2>&- &
pid=$!
for _ in $(seq 300); do [ "$(page healthz)" = ok ] && break || sleep 0.1; done
heads one_latent_has_one_answer_on_every_link && ends TERM
check "it serves without standard input, output and error"
timeout 60 "$headrace" serve --tail "$work/tail.hrm" --listen udp://127.0.0.1:0 --json >&- 2>"$work/why"
[ $? = 2 ] && grep -q "standard output, which is closed; leave it out" "$work/why"
check "but not for JSON that nobody gets"

if [ -c /dev/full ]; then
  : >"$work/err"
  "$headrace" serve --tail "$work/tail.hrm" --listen udp://127.0.0.1:0 --json >/dev/full 2>"$work/err" &
  pid=$!
  for _ in $(seq 300); do [ -s "$work/err" ] && break || sleep 0.1; done
  sleep 2.5
  grep -q "No space left on device; packets are answered" "$work/err" && [ "$(wc -l <"$work/err")" = 1 ] && ! ends TERM &&
    tail -n 1 "$work/err" | grep -q "^headrace: error: the output could not be written: No space"
  check "output that a full disk does not take is told once, ends nothing, and in the end is no success"
fi
[ $failures = 0 ]
