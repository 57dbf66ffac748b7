#!/usr/bin/env bash
# Writes bills of materials (CycloneDX, JSON) into FOLDER: of each Go module that a release
# tags, and of each PROGRAM in Go. make sbom calls it:
#
#   .github/sbom.sh CYCLONEDX_GOMOD FOLDER [PROGRAM...]
#
# Two runs for one commit write the same. CYCLONEDX_GOMOD is the path of that tool.
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
for manifest in go.mod interceptor/*/go.mod; do
  module=$(dirname "$manifest")
  name=go-$(basename "$(realpath "$module")")
  if [ "$module" = . ]; then name=go-grpc-codetable; fi
  "$cyclonedx" mod "${same[@]}" -type library -output "$folder/$name.cdx.json" "$module"
done
