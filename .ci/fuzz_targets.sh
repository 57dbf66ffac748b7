#!/bin/sh
# Prints the fuzz targets of the repository, as lines "folder target": fuzz_targets.sh [PATTERN].
# PATTERN selects lines.
set -eu
cd "$(dirname "$0")/.."
git grep --untracked -oE '^func Fuzz[A-Za-z0-9_]+' -- '*_test.go' |
  sed -E 's|^(.*)/[^/]*:func |\1 |' | sort | grep -E "${1:-.}"
