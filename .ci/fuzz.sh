#!/bin/sh
# Fuzzes the targets: .ci/fuzz.sh TIME [PATTERN]. TIME is for each target, such as 10s or
# 5000x. PATTERN is that of fuzz_targets.sh. FUZZJOBS targets run at once.
# At the end a table says what each did. A target that fails does not end the others.
set -eu
cd "$(dirname "$0")/.."
time=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

.ci/fuzz_targets.sh "${2-}" >"$work/targets"

# A package is built once for all its targets. Its targets run while the next one is built.
# Only the packages of this repository tell the fuzzer what an input covers. go test -fuzz
# would compile all that they import anew, without what make programs has compiled.
module=$(go list -m)
build() {
  cut -d' ' -f1 "$work/targets" | uniq | while read -r folder; do
    binary=$work/$(echo "$folder" | tr / _)
    if (cd "$folder" && CGO_ENABLED="${CGO_ENABLED:-0}" go test -c -vet=off -gcflags="$module/...=-d=libfuzzer" -o "$binary" .) >&2; then
      awk -v f="$folder" -v b="$binary" '$1 == f { print b, f, $2 }' "$work/targets"
    else
      echo "0 0 0 0 $folder DOES_NOT_BUILD" >>"$work/results"
    fi
  done
}

# One worker waits often for its coordinator, so there are more targets than processors.
build | xargs -P "${FUZZJOBS:-4}" -L 1 .ci/fuzz_target.sh "$work/results" "$time"

awk '
  BEGIN { format = "%-62s %12s %6s %7s %10s\n"; printf format, "target", "executions", "new", "inputs", "committed" }
  { printf format, $5 " " $6, $1, $2, $3, $4; execs += $1; fresh += $2; inputs += $3; committed += $4 }
  END { printf format, "total of " NR " targets", execs, fresh, inputs, committed }
' "$work/results" >"$work/table"
sed 1q "$work/table"
sed '1d;$d' "$work/table" | sort
tail -n 1 "$work/table"
[ "$(wc -l <"$work/targets")" -eq "$(wc -l <"$work/results")" ] && [ ! -e "$work/results.failed" ]
