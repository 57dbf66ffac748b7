#!/bin/sh
# Install the server that the tests of the shared cool-down start themselves,
# from Debian's packages. Needs apt-get, and root or sudo without a password.
# Where that is not to be had it says so, and fails only where CI=true.
set -eu

if command -v redis-server >/dev/null; then
  exit 0
fi

give_up() {
  echo "SKIPPED: redis-server is not installed, and $1: install it by hand" >&2
  [ "${CI:-}" != true ]
  exit
}

command -v apt-get >/dev/null || give_up "there is no apt-get"
if [ "$(id -u)" -eq 0 ]; then
  root=
elif sudo -n true 2>/dev/null; then
  root=sudo
else
  give_up "only root may install it"
fi

$root apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends redis-server
