#!/bin/sh
# Checks the crates with the lowest versions of Rust and of their dependencies: lowest.sh
# VERSION FOLDER. If rustup does not have the version, its Debian packages are unpacked
# into the folder.
set -eu
cd "$(dirname "$0")"
version=$1
folder=$2

debian() {
  command -v dpkg >/dev/null || return
  mkdir -p "$folder" && cd "$folder"
  full=$(apt-cache madison rustc-web | awk -v want="$version." 'index($3, want) == 1 { print $3; exit }')
  [ -n "$full" ] || return
  apt-get download --quiet=2 "rustc-web=$full" "cargo-web=$full" "libstd-rust-web-dev=$full" "libstd-rust-web-$version=$full" \
    libllvm19 libz3-4 libpcre3 libhttp-parser2.9
  for package in *.deb; do
    dpkg -x "$package" . && rm "$package"
  done
  cd - >/dev/null
}

if ! rustup run "$version" rustc --version >/dev/null 2>&1; then
  [ -x "$folder/usr/bin/rustc" ] || debian 2>/dev/null || true
  PATH="$folder/usr/bin:$PATH"
  LD_LIBRARY_PATH=$(find "$folder" -name '*.so*' -exec dirname {} + 2>/dev/null | sort -u | paste -sd:)
  export PATH LD_LIBRARY_PATH
else
  PATH="$(dirname "$(rustup run "$version" rustup which cargo)"):$PATH"
fi
if ! rustc --version 2>/dev/null | grep -q "^rustc $version\."; then
  echo "SKIPPED: the check with rust $version: this machine does not have it"
  [ "${CI:-}" != true ]
  exit
fi

project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
mkdir -p "$project/interceptor" "$project/gen"
cp -R ../../gen/rust "$project/gen"
mkdir "$project/interceptor/rust"
cp -R Cargo.toml README.md src "$project/interceptor/rust"
cd "$project/interceptor/rust"
sed -i.orig 's/^members = .*/members = ["..\/..\/gen\/rust\/*"]/' Cargo.toml
# The direct dependencies have the versions of the manifests, and the others the newest
# ones for this version of Rust.
RUSTC_BOOTSTRAP=1 cargo update --quiet -Z direct-minimal-versions
cargo check --locked --quiet --workspace --all-features --target-dir "$folder/target"
rustc --version
cargo tree --locked --depth 1 --edges normal --all-features --prefix none | grep -E '^(prost|tonic|tokio) '
