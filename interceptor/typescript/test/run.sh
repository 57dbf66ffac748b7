#!/bin/sh
# Checks the three packages, installs them into an empty project outside the
# repository, and runs the tests from there: with the newest versions of what they
# need, and with the oldest ones. The project is the example, so that its manifest is
# tested too. make test calls this.
set -eu
library=$(cd "$(dirname "$0")/.." && pwd)
root=$(cd "$library/../.." && pwd)
cd "$library"

for package in packages/*.tgz; do
  npx publint run --strict "$package"
  npx attw --quiet --profile esm-only "$package"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
project=$work/examples/clients/typescript
mkdir -p "$project" "$work/interceptor/typescript"
cp -r packages "$work/interceptor/typescript"
cp "$root"/examples/clients/typescript/*.* "$project"
rm -rf test/dist
cp -r test "$project"
# The .proto files are those of the installed package.
export npm_config_audit=false npm_config_fund=false npm_config_loglevel=error
install() { (cd "$project" && npm install "$@"); }

install
(cd "$project" && npm ci)
install
echo "=== installed, again with npm ci, and once more"
sh test/generate.sh "$project/node_modules/@codetable/proto/proto" "$project/test/gen"

export CODETABLE_VECTORS="$root/proto/jiguang/jverification/v1/testdata/vectors.json"
export CODETABLE_README="$library/README.md"
fast_check=fast-check@$(node -p 'require("./package.json").devDependencies["fast-check"]')
run() {
  echo "=== test with $*"
  install --save-dev "$fast_check" "$@"
  (cd "$project" && npm run build && npx tsc -p test && node --enable-source-maps --test --test-timeout=300000 \
    --test-reporter=dot test/dist/*.test.js)
}

# connect-node 2.2 needs Node 22.
run @bufbuild/protobuf@2.17.0 @connectrpc/connect@2.1.2 @connectrpc/connect-node@2.1.2 @grpc/grpc-js@1.14.7
run @bufbuild/protobuf@2.7.0 @connectrpc/connect@2.1.0 @connectrpc/connect-node@2.1.0 @grpc/grpc-js@1.13.0
