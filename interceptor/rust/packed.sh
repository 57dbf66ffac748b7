#!/bin/sh
# Packs the crates, unpacks them in an empty project outside of the repository, and runs
# there the tests of the crates, their examples, the suite and the client of
# examples/clients. make test calls it with the paths of the gateway and of inspect.
set -eu
cd "$(dirname "$0")"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
crates="codetable codetable-jverification codetable-proto"
target=${CARGO_TARGET_DIR:-$PWD/target}

cargo package --locked --allow-dirty --no-verify --quiet -p codetable -p codetable-jverification -p codetable-proto

project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
for crate in $crates; do
  tar -xzmf "$target/package/$crate-$version.crate" -C "$project" # -m: cargo compares times
  for file in LICENSE README.md src/lib.rs; do
    [ -f "$project/$crate-$version/$file" ] || { echo "$crate has no $file"; exit 1; }
  done
done
cp Cargo.lock "$project"
cp -R suite "$project/suite"
cp -R ../../examples/clients/rust "$project/client"

export CODETABLE_TESTDATA="$PWD/../../proto/jiguang/jverification/v1/testdata"
export CODETABLE_GATEWAY="$1" CODETABLE_INSPECT="$2" CODETABLE_CLIENT="$target/debug/jverification-client"
cd "$project"
# A user's manifest has no paths of this repository.
sed -i.orig -e 's/, path = "\.\.[^"]*"//' -e '/^workspace = "/d' suite/Cargo.toml suite/acme/Cargo.toml client/Cargo.toml
{
  printf '[workspace]\nresolver = "3"\nmembers = ["client", "suite", "codetable*"]\n\n[workspace.lints]\n\n[patch.crates-io]\n'
  for crate in $crates; do
    echo "$crate = { path = \"$crate-$version\" }"
  done
} >Cargo.toml
# With the same packages, so that both commands use one build of the dependencies.
cargo build --offline --quiet --workspace --all-features
cargo test --offline --quiet --workspace --all-features
