#!/bin/sh
# demo.sh - what headrace-demo prints, and how it exits. Needs build/host.
set -u
cd "$(dirname "$0")/../.." || exit 1
demo=build/host/bin/headrace-demo
models=build/host/share/headrace/models/bottlefit
work=build/demo-test
mkdir -p $work
python3 Tests/system/pictures.py $work
picture=$work/gray-97x113.pgm

number=0 failures=0
# check NAME - whether the command before it succeeded.
check() {
  status=$?
  number=$((number + 1))
  if [ $status = 0 ]; then
    echo "ok $number - $1"
  else
    echo "not ok $number - $1"
    failures=$((failures + 1))
  fi
}

# exits STATUS COMMAND... - its output goes into $work/out and $work/err.
exits() {
  expected=$1
  shift
  "$@" >$work/out 2>$work/err
  [ $? = "$expected" ]
}

exits 2 $demo && [ ! -s $work/out ]
check "no command at all is wrong usage"
exits 2 $demo bogus --help && [ ! -s $work/out ]
check "help for a command that does not exist is wrong usage"
exits 1 $demo camera $work/none.jpg && [ ! -s $work/out ] && grep -q "No such file" $work/err
check "nothing but the error is printed when the source cannot be opened"

# field KEY... - the value in the JSON object on standard output.
field() {
  python3 -c 'import functools, json, sys
print(functools.reduce(dict.get, sys.argv[2:], json.load(open(sys.argv[1]))))' $work/out "$@"
}

exits 0 $demo camera $picture --json --head $models/head.hrm &&
  [ "$(field milliseconds tail)" = None ] && [ "$(field label)" = None ]
check "without a tail, its time and answer are null"

cp $models/head.hrm $work/mine.hrm && cp $picture $work/mine.ppm
spares() {
  exits 1 $demo run $work/mine.hrm --input $work/mine.ppm --output "$1" && grep -q "choose another" $work/err &&
    cmp -s $models/head.hrm $work/mine.hrm && cmp -s $picture $work/mine.ppm
}
spares $work/mine.hrm && spares $work/mine.ppm && spares $work/../demo-test/mine.ppm
check "run does not overwrite its model or its input"

(ulimit -v 10000 && exits 1 $demo bench $models/head.hrm --repeat 1000000) && grep -q memory $work/err
check "where memory is short, bench says so"

jpeg=Tests/fuzz/corpus/picture/baseline.jpg
cat $jpeg $jpeg >$work/two.jpg
exits 0 $demo camera $work/two.jpg --json && [ "$(field jpeg_bytes)" = "$(wc -c <$jpeg)" ]
check "bytes behind a JPEG are not counted as its own"

for part in head tail; do python3 Tests/system/hostile_names.py $models/$part.hrm $work/$part.hrm; done
# The bytes of control characters but for newlines; U+0080 ... U+009F in UTF-8.
controls="$(printf '[\001-\011\013-\037\177]|\302[\200-\237]')"
harmless() { grep -aq 'u{1B}c' $work/out && ! LC_ALL=C grep -aqE "$controls" $work/out; }
exits 0 $demo camera $picture --head $work/head.hrm --tail $work/tail.hrm && harmless
check "a hostile label does not steer the terminal"
exits 0 $demo bench $work/head.hrm --repeat 1 && harmless
check "nor does a tensor's name in bench"
exits 0 $demo run $work/head.hrm --input $picture --output $work/latent.npy && harmless
check "nor does an output's name in run"
exits 0 $demo camera $picture --json --head $work/head.hrm --tail $work/tail.hrm &&
  ! LC_ALL=C grep -aqE "$controls" $work/out && [ "$(field label | head -c 2)" = "$(printf '\033c')" ]
check "JSON holds a hostile label, escaped"
[ $failures = 0 ]
