#!/bin/busybox sh
# sound_on_board.sh - runs on the emulated board, for sound.sh: plays into one end of the kernel's loopback card and
# locates from the other. What each command writes stands between lines that begin with @; the console is slow, and
# gets it afterwards.
/bin/busybox --install -s /bin
array="--array /turn.txt --sources 1"

# as NAME COMMAND...
as() {
  name=$1
  shift
  "$@" >/said 2>&1
  result=$?
  echo "@begin $name"
  cat /said
  echo "@end $name $result"
}
locate() { timeout -s INT 10 headrace-demo locate "$@"; }
# uses STREAM COUNT - waits until so many of a stream's subdevices run: pcm1p plays, pcm0c captures.
uses() {
  tries=0
  while [ "$(cat /proc/asound/card0/$1/sub*/status | grep -c RUNNING)" != "$2" ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
}
# locate_for SECONDS ARGUMENT... - until Ctrl-C.
locate_for() {
  seconds=$1
  shift
  headrace-demo locate "$@" &
  program=$!
  sleep "$seconds"
  kill -INT $program
  wait $program
}

as cards headrace-demo locate --cards
as unknown locate alsa:nothing
play hw:Loopback,1,0 /turn.raw &
uses pcm1p 1
sleep 2
as live locate_for 5 alsa:loopback $array --json
as refused locate alsa:0 --array respeaker-6
as refused-rate locate alsa:hw:0 --array uma-8
as converted locate_for 2 alsa:plughw:0 --array matrix-voice --json

headrace-demo locate alsa:hw:Loopback,0,0 $array >/dev/null 2>&1 &
first=$!
uses pcm0c 1
as busy locate alsa:hw:Loopback,0,0 $array
kill -INT $first
wait $first

stopped() {
  headrace-demo locate alsa:Loopback $array --json &
  program=$!
  uses pcm0c 1
  sleep 2
  kill -STOP $program
  sleep 3
  kill -CONT $program
  sleep 2
  kill -INT $program
  wait $program
}
as overrun stopped

unplugged() {
  headrace-demo locate alsa:Loopback $array &
  program=$!
  uses pcm0c 1
  sleep 1
  echo snd_aloop.0 >/sys/bus/platform/drivers/snd_aloop/unbind &
  wait $program
}
as gone unplugged
