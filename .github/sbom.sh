#!/usr/bin/env bash
# Writes bills of materials (CycloneDX, JSON) into FOLDER: of each Go module that a release
# tags, and of each PROGRAM in Go. make sbom calls it:
#
#   .github/sbom.sh CYCLONEDX_GOMOD FOLDER [PROGRAM...]
#
# The modules are those of the last commit, in a copy of it: the tool hashes all files in the
# folder of a module that replaces another one, and it ends at what tests and linters left
# there. CYCLONEDX_GOMOD is the path of that tool.
set -euo pipefail
cyclonedx=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
shift 2
same=(-json -noserial -notimestamp -std)

for program in "$@"; do
  "$cyclonedx" bin "${same[@]}" -output "$folder/$(basename "$program").cdx.json" "$program"
done
cd "$(dirname "${BASH_SOURCE[0]}")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git clone --quiet . "$copy/grpc-codetable"
cd "$copy/grpc-codetable"
for manifest in go.mod interceptor/*/go.mod; do
  module=$(dirname "$manifest")
  name=go-$(basename "$(realpath "$module")")
  if [ "$module" = . ]; then name=go-grpc-codetable; fi
  "$cyclonedx" mod "${same[@]}" -type library -output "$folder/$name.cdx.json" "$module"
done
