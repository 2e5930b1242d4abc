#!/bin/sh
# valgrind.sh - headrace-demo and the C clients make no memory error on this machine, whatever they are
# given. Needs build/host and build/cmake/host.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=build/valgrind
rm -rf $work
mkdir -p $work/folder
python3 Tests/system/pictures.py $work

model=Sources/Models/bottlefit/head.hrm
demo=build/host/bin/headrace-demo
corpus=Tests/fuzz/corpus
number=0 failures=0

# run WANTED-STATUS NAME LEAK-CHECK PROGRAM ARGUMENT...
run() {
  number=$((number + 1))
  wanted=$1 name=$2 leaks=$3
  shift 3
  valgrind -q --error-exitcode=9 --leak-check="$leaks" --errors-for-leak-kinds=definite,possible "$@"
  status=$?
  if [ $status = "$wanted" ]; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name: status $status instead of $wanted"
    failures=$((failures + 1))
  fi
}
check() { run 0 "$@"; }
# refuse NAME ARGUMENT...: headrace-demo ends with the status of bad input.
refuse() {
  name=$1
  shift
  run 1 "$name is refused" full $demo "$@"
}

check "headrace-demo camera, one thread" full $demo camera $work/gray-97x113.pgm
check "headrace-demo camera, four threads" full $demo camera $work/tall-31x500.ppm --threads 4 --json
check "headrace-demo camera, a JPEG" full $demo camera $corpus/picture/baseline.jpg --rate 5
check "headrace-demo camera, a progressive JPEG" full $demo camera $corpus/picture/progressive.jpg --cpu baseline
check "headrace-demo camera, an MJPEG file" full $demo camera $corpus/picture/two.mjpeg --head $model
cp $work/gray-97x113.pgm $corpus/picture/444.jpg $corpus/picture/gray.jpg $work/folder
check "headrace-demo camera, a folder" full $demo camera $work/folder --head $model
check "headrace-demo camera, its own picture" full $demo camera --rate 3
check "headrace-demo send, to nobody" full $demo send --to tcp://127.0.0.1:9 --frames 3 --threads 1 --threshold 1
check "headrace-demo run, a picture" full \
  $demo run $model --input $corpus/picture/baseline.jpg --output $work/latent.npy
check "headrace-demo run, an array" full \
  $demo run Sources/Models/bottlefit/tail.hrm --input $work/latent.npy --output $work/answer.npy --threads 2
check "headrace-demo enhance, a JPEG" full \
  $demo enhance $corpus/picture/baseline.jpg --output $work/bright.jpg --side-by-side --threads 3
python3 Tests/system/directions.py $work/two 0.3
check "headrace-demo locate, in fixed point" full \
  $demo locate $work/two.wav --array $work/two.txt --type fixed --json --delays
check "headrace-demo bench" full $demo bench $model --repeat 1 --threads 2 --json

head -c 9000 $model >$work/cut.hrm
{ head -c 1000 $model; printf X; tail -c +1002 $model; } >$work/damaged.hrm
head -c 600 $corpus/picture/baseline.jpg >$work/cut.jpg
head -c 1400 $corpus/picture/two.mjpeg >$work/cut.mjpeg
head -c 2000 $work/latent.npy >$work/cut.npy
printf 'P6 16384 16384 255\n' >$work/cut.ppm
cp $work/cut.jpg $work/folder
refuse "a truncated model" bench $work/cut.hrm
refuse "a damaged model" camera --head $work/damaged.hrm
refuse "a network that is no model" run $work/cut.jpg --input $work/latent.npy --output $work/answer.npy
refuse "a truncated JPEG" camera $work/cut.jpg --head $model
refuse "a JPEG in CMYK" camera $corpus/picture/cmyk.jpg --head $model
refuse "a truncated MJPEG file" camera $work/cut.mjpeg --head $model
refuse "a truncated PPM" camera $work/cut.ppm --head $model
refuse "a folder with a truncated JPEG" camera $work/folder --head $model
refuse "a truncated array" run $model --input $work/cut.npy --output $work/answer.npy
refuse "an array of another shape" run $model --input $work/latent.npy --output $work/answer.npy

clients=build/cmake/host/Tests/clients
check "the README's example" full \
  $clients/example $model $work/gray-97x113.pgm $work/payload
# These end without freeing anything.
run 1 "the README's example refuses a truncated JPEG" no \
  $clients/example $model $work/cut.jpg $work/payload
for client in c99 cxx17; do # c99 has truncated payloads refused
  check "client $client" no $clients/$client $model
done
[ $failures = 0 ]
