#!/bin/sh
# Generates the stubs of the test's own table with plain protoc, or with buf where
# there is no protoc. Usage: sh test/generate.sh PROTOS OUT
set -eu
options='target=ts,import_extension=js,rewrite_imports=./codetable/v1/*_pb.js:@codetable/proto'
rm -rf "$2" && mkdir -p "$2"
if command -v protoc >/dev/null; then
  PATH=$PWD/node_modules/.bin:$PATH protoc -I test/proto -I "$1" \
    --es_out="$2" --es_opt="$options" test/proto/shop/v1/shop.proto
else
  echo "test/generate.sh: no protoc" >&2
  exit 1
fi
