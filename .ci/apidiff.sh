#!/bin/sh
# Compares the Go API of modules with that of the last release: .ci/apidiff.sh APIDIFF MODULE...
# MODULE is a folder with a go.mod. Internal packages have no API. An incompatible change
# fails, unless the changelog announces it under "### Breaking" in the part of the next
# release. That release must be a major one, or a minor one before v1.0.0.
set -eu
apidiff=$1
shift
tag=$(git tag --list 'v[0-9]*.[0-9]*.[0-9]*' --sort=-v:refname --merged HEAD | grep -v - | head -n 1)
if [ -z "$tag" ]; then
  echo "apidiff: there is no release to compare with: no commit before this one has a tag vX.Y.Z"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/old"
git archive "$tag" | tar -x -C "$work/old"

# apidiff names each internal package on standard error, so that is shown only if it fails.
compare() {
  path=$(awk '$1 == "module" { print $2 }' "$work/old/$1/go.mod")
  (cd "$work/old/$1" && GOWORK=off "$apidiff" -m -w "$work/export" "$path") 2>"$work/errors" &&
    (cd "$1" && GOWORK=off "$apidiff" -m -incompatible "$work/export" "$path") >"$work/changes" 2>>"$work/errors"
}
for module; do
  [ -f "$work/old/$module/go.mod" ] || continue # it is new
  compare "$module" || {
    cat "$work/errors" >&2
    exit 1
  }
  sed "s|^|$path: |" "$work/changes" >>"$work/all"
done
if [ ! -s "$work/all" ]; then
  echo "apidiff: no incompatible change since $tag"
  exit
fi
cat "$work/all"

# The first headings of the changelog are those of the next release.
next=$(sed -n 's/^## \[\(.*\)\].*/\1/p' CHANGELOG.md | head -n 1)
announced=$(awk '/^## \[/ { part++ } part == 1 && /^### Breaking$/ { print "yes" }' CHANGELOG.md)
allowed=$(echo "${tag#v} $next" | tr '.' ' ' | awk '
  NF == 4 { print ($4 == "Unreleased" ? "yes" : "") }
  NF == 6 { print (($4 > $1 || $1 == 0 && $4 == 0 && $5 > $2) ? "yes" : "") }')
if [ -z "$announced" ] || [ -z "$allowed" ]; then
  echo "apidiff: the changes above are incompatible with $tag: undo them, or announce them in CHANGELOG.md under \"### Breaking\"" \
    "for a major version, or a minor one before v1.0.0 (the next release is $next)" >&2
  exit 1
fi
echo "apidiff: these incompatible changes since $tag are announced for $next"
