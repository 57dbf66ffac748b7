#!/bin/sh
# Commits what fuzzing found: .ci/corpus.sh [PATTERN]. It copies inputs from the cache of go
# test -fuzz to testdata/fuzz, where go test runs each of them. PATTERN is that of fuzz_targets.sh.
#
# An input is kept if it runs a block of this repository, or runs it much more often, as no
# seed and no smaller input does: the numbers of runs 1, 2, 3, 4, 8, 16, 32 and 128 differ, as
# they do for go test -fuzz. Larger inputs than 4 KiB, and more than 40 for a target, are left
# out. Nothing that is there already is removed. CANDIDATES bounds the inputs that are tried.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
module=$(go list -m)
most=40 bytes=4096

# covered NAME prints what the input does, one line for each block and class of counts.
covered() {
  "$work/test" -test.run="^$target\$/^$1\$" -test.coverprofile="$work/profile" >/dev/null 2>&1 || return 0
  awk 'NR > 1 && $3 > 0 {
    n = $3; c = n < 4 ? n : n < 8 ? 4 : n < 16 ? 8 : n < 32 ? 16 : n < 128 ? 32 : 128
    print $1, c }' "$work/profile" | sort -u
}

corpus() {
  committed=testdata/fuzz/$target
  cache=$(go env GOCACHE)/fuzz/$(go list .)/$target
  mkdir -p "$committed"
  covered '.*' >"$work/known" # by the seeds and by what is committed
  find "$cache" -type f -size "-$((bytes + 1))c" -printf '%s %f\n' 2>/dev/null | sort -n |
    head -n "${CANDIDATES:-1000}" | cut -d' ' -f2 >"$work/names"
  while read -r name; do
    [ "$(find "$committed" -type f | wc -l)" -lt "$most" ] || break
    [ ! -e "$committed/$name" ] || continue
    cp "$cache/$name" "$committed/$name"
    covered "$name" >"$work/own"
    if [ -z "$(comm -13 "$work/known" "$work/own")" ]; then
      rm "$committed/$name"
    else
      sort -u -o "$work/known" "$work/known" "$work/own"
    fi
  done <"$work/names"
  echo "$folder $target: $(find "$committed" -type f | wc -l) inputs of $(wc -l <"$work/names") in the cache"
  rmdir -p --ignore-fail-on-non-empty "$committed"
}

.ci/fuzz_targets.sh "${1-}" >"$work/targets"
last=''
while read -r folder target; do
  cd "$folder"
  [ "$folder" = "$last" ] || CGO_ENABLED="${CGO_ENABLED:-0}" go test -c -vet=off -covermode=count -coverpkg="$module/..." -o "$work/test" .
  corpus
  last=$folder
  cd - >/dev/null
done <"$work/targets"
