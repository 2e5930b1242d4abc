# shellcheck shell=bash
# steps.sh - runs steps, at most two at a time, and says which, how far and for how long.
#
#   step NAME TITLE NEEDS COMMAND...             NEEDS: names of steps that must have succeeded
#   suite NAME TITLE NEEDS COUNTER COMMAND...    a step that is a test; COUNTER: see count_tests
#   run_steps                                    runs them all; sets steps_failed to 0 or 1
#
# run_steps must not stand in a condition or before ||: bash would ignore errors in the steps then.
# What a step prints goes to build/log/NAME.log, whose end is shown if the step fails.

log_dir=build/log
step_names=()
declare -A step_title step_needs step_command step_counter step_state step_number step_pid step_start
total_passed=0 total_failed=0 total_skipped=0

step() {
  local name=$1
  step_names+=("$name")
  step_title[$name]=$2
  step_needs[$name]=$3
  step_counter[$name]=none
  step_number[$name]=${#step_names[@]}
  step_state[$name]=waiting
  shift 3
  step_command[$name]="${*@Q}"
}

suite() {
  local counter=$4
  step "$1" "$2" "$3" "${@:5}"
  step_counter[$1]=$counter
}

say() { printf '%s\n' "$*"; }

# The prefix "[3/9] title".
step_label() { printf '[%d/%d] %s' "${step_number[$1]}" "${#step_names[@]}" "${step_title[$1]}"; }

# Whether all that a step needs is done: 0 yes, 1 not yet, 2 never.
step_ready() {
  local need
  for need in ${step_needs[$1]}; do
    case ${step_state[$need]} in
      'done') ;;
      failed | left_out) return 2 ;;
      *) return 1 ;;
    esac
  done
}

start_step() {
  local name=$1
  say "$(step_label "$name") ..."
  rm -f "$log_dir/$name.status"
  (
    trap - EXIT INT TERM
    set +e
    (set -e; eval "${step_command[$name]}") >"$log_dir/$name.log" 2>&1 </dev/null
    echo $? >"$log_dir/$name.status"
  ) &
  step_pid[$name]=$!
  step_start[$name]=$SECONDS
  step_state[$name]=running
}

# Prints "passed failed skipped" of a finished suite, from its log.
#   swift  Swift Testing's lines    ctest  CTest's summary    tap  lines "ok ...", "not ok ...",
#   "ok ... # SKIP why"             one    the step itself is the test
count_tests() {
  local name=$1 status=$2 log=$log_dir/$1.log
  case ${step_counter[$name]} in
    swift)
      # By the runner's own total, since lines of single tests can get lost in a busy log.
      awk '/^[^ ]+ Test run with [0-9]+ tests / { total += $5; next }
           /^[^ ]+ Test run / { next }
           /^[^ ]+ Test .* failed after / { f++ }
           /^[^ ]+ Test .* skipped/ { s++ }
           END { print total - f - s + 0, f + 0, s + 0 }' "$log"
      ;;
    ctest)
      awk '/ \.+ +Passed / { p++ }
           /\*\*\*Skipped/ { s++ }
           /\*\*\*(Failed|Exception|Timeout|Not Run)/ { f++ }
           END { print p + 0, f + 0, s + 0 }' "$log"
      ;;
    tap)
      awk '/^ok .*# SKIP/ { s++; next } /^ok / { p++ } /^not ok / { f++ }
           END { print p + 0, f + 0, s + 0 }' "$log"
      ;;
    one) if [ "$status" = 0 ]; then echo 1 0 0; else echo 0 1 0; fi ;;
  esac
}

finish_step() {
  local name=$1 seconds=$((SECONDS - step_start[$1])) status counts="" passed failed skipped
  wait "${step_pid[$name]}" 2>/dev/null || true
  status=$(cat "$log_dir/$name.status" 2>/dev/null || echo 1)
  if [ "${step_counter[$name]}" != none ]; then
    read -r passed failed skipped < <(count_tests "$name" "$status")
    # A suite that dies, or in which nothing ran, is a failure, whatever it counted.
    if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
    if [ $((passed + failed + skipped)) = 0 ]; then failed=1; fi
    if [ "$failed" != 0 ] && [ "$status" = 0 ]; then status=1; fi
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    total_skipped=$((total_skipped + skipped))
    counts="$passed passed, $failed failed"
    if [ "$skipped" != 0 ]; then counts+=", $skipped skipped"; fi
    counts+=", "
  fi
  if [ "$status" = 0 ]; then
    step_state[$name]="done"
    say "$(step_label "$name"): $counts$seconds s"
    grep '^ok .*# SKIP' "$log_dir/$name.log" | sed 's/^ok [0-9]* *-* */      skipped: /; s/# SKIP/-/' || true
  else
    step_state[$name]=failed
    say "$(step_label "$name"): FAILED, $counts$seconds s; the end of $log_dir/$name.log:"
    tail -n 40 "$log_dir/$name.log" | sed 's/^/      /'
  fi
}

stop_steps() {
  local name
  for name in "${step_names[@]}"; do
    if [ "${step_state[$name]}" = running ]; then
      kill -TERM -- "-${step_pid[$name]}" 2>/dev/null || true
    fi
  done
}

# Every minute, a running step's newest line of output shows how far it is.
say_progress() {
  local name=$1 line
  line=$(tail -c 2000 "$log_dir/$name.log" 2>/dev/null | tr '\r' '\n' | grep -v '^ *$' | tail -n 1 | cut -c -90) || true
  say "$(step_label "$name") ... $((SECONDS - step_start[$name])) s: $line"
}

run_steps() {
  local name running ready progress=1 next_report=$((SECONDS + 60))
  mkdir -p "$log_dir"
  set -m # each step in a process group of its own, so that an interrupt ends all of it
  trap 'stop_steps; exit 130' INT TERM
  trap stop_steps EXIT
  while [ $progress = 1 ]; do
    running=0 progress=0
    for name in "${step_names[@]}"; do
      if [ "${step_state[$name]}" = running ]; then
        if kill -0 "${step_pid[$name]}" 2>/dev/null; then running=$((running + 1)); else finish_step "$name"; fi
        progress=1
      fi
    done
    for name in "${step_names[@]}"; do
      if [ "${step_state[$name]}" != waiting ]; then continue; fi
      ready=0
      step_ready "$name" || ready=$?
      if [ $ready = 2 ]; then
        step_state[$name]=left_out
        say "$(step_label "$name"): left out, because a step that it needs failed"
        if [ "${step_counter[$name]}" != none ]; then total_failed=$((total_failed + 1)); fi
        progress=1
      elif [ $ready = 0 ] && [ $running -lt 2 ]; then
        start_step "$name"
        running=$((running + 1)) progress=1
      fi
    done
    if [ $SECONDS -ge $next_report ]; then
      for name in "${step_names[@]}"; do
        if [ "${step_state[$name]}" = running ]; then say_progress "$name"; fi
      done
      next_report=$((SECONDS + 60))
    fi
    sleep 0.2
  done
  set +m
  trap - EXIT INT TERM
  steps_failed=0
  for name in "${step_names[@]}"; do
    if [ "${step_state[$name]}" != "done" ]; then steps_failed=1; fi
  done
}

say_totals() {
  local line="$total_passed passed, $total_failed failed"
  if [ $total_skipped != 0 ]; then line+=", $total_skipped skipped"; fi
  say "$line"
}
