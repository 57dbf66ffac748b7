#!/bin/sh
# Fuzzes one target, for fuzz.sh: fuzz_target.sh RESULTS TIME BINARY FOLDER TARGET. It adds a
# line to RESULTS: executions, new inputs, inputs in the cache and among the seeds, files in
# testdata/fuzz, folder and target. If the target fails, it makes the file RESULTS.failed.
set -eu
results=$1 time=$2 binary=$3 folder=$4 target=$5
cd "$folder"
cache=$(go env GOCACHE)/fuzz/$(go list .) # where go test -fuzz keeps new inputs

# If the time ends while the worker is busy, the test may fail with this line and no failing
# input. The target is then run again.
late='^ *context deadline exceeded$'
for try in 1 2 3; do
  status=0
  said=$("$binary" -test.run='^$' -test.fuzz="^$target\$" -test.fuzztime="$time" -test.parallel=1 \
    -test.fuzzcachedir="$cache" 2>&1 </dev/null) || status=$?
  [ "$status" -ne 0 ] || break
  if echo "$said" | grep -q 'Failing input' || ! echo "$said" | grep -q "$late"; then break; fi
done

progress=$(echo "$said" | grep '^fuzz: .* execs: ' | tail -n 1 || true)
number() { echo "$progress" | sed -nE "s/.*$1 ([0-9]+).*/\1/p" | grep . || echo 0; }
# A target that runs nothing, such as one that lacks Redis, passes. CI has all that it needs.
[ "$(number execs:)" -gt 0 ] || [ "${CI:-}" != true ] || status=1
committed=$(find "testdata/fuzz/$target" -type f 2>/dev/null | wc -l)
echo "$(number execs:) $(number interesting:) $(number total:) $committed $folder $target" >>"$results"
if [ "$status" -eq 0 ]; then
  echo "fuzzed $folder $target, try $try: ${progress#fuzz: }"
  exit 0
fi
: >"$results.failed"
printf 'FAILED %s %s, try %s\n%s\n' "$folder" "$target" "$try" "$said"
echo "$said" | sed -nE "s|.*Failing input written to (.*)|The input: $folder/\1|p; s|^ *(go test -run=.*)|Run it again: (cd $folder \&\& \1)|p"
