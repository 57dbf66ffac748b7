#!/bin/sh
# Checks the crates with the lowest versions of Rust and of their dependencies: lowest.sh
# VERSION FOLDER. If rustup does not have the version, the packages of Debian are unpacked
# into the folder, or else rustup installs it.
set -eu
cd "$(dirname "$0")"
version=$1
folder=$2

available() { apt-cache madison rustc-web | awk -v want="$version." 'index($3, want) == 1 { print $3; exit }'; }

debian() {
  command -v dpkg apt-cache >/dev/null || return 1
  mkdir -p "$folder" && cd "$folder"
  if [ -z "$(available)" ]; then
    apt-get update --quiet=2
  fi
  full=$(available)
  [ -n "$full" ] || return 1
  apt-get download --quiet=2 "rustc-web=$full" "cargo-web=$full" "libstd-rust-web-dev=$full" "libstd-rust-web-$version=$full" \
    libllvm19 libz3-4 libpcre3 libhttp-parser2.9
  for package in *.deb; do
    dpkg -x "$package" . && rm "$package"
  done
}

has() { rustup run "$version" rustc --version >/dev/null 2>&1; }

if ! has && [ ! -x "$folder/usr/bin/rustc" ] && ! (debian); then
  rustup toolchain install "$version" --profile minimal || true
fi
if has; then
  PATH="$(dirname "$(rustup which --toolchain "$version" cargo)"):$PATH"
else
  PATH="$folder/usr/bin:$PATH"
  LD_LIBRARY_PATH=$(find "$folder/usr" "$folder/lib" -name '*.so*' -exec dirname {} + 2>/dev/null | sort -u | paste -sd:)
  export LD_LIBRARY_PATH
fi
export PATH
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
