#!/bin/sh
# Installs nginx and HAProxy for the tests of this folder: from Debian's packages
# and as root only. It does nothing where both are there, and fails with the
# command to run where it can't install them. Where systemd runs, the packages
# start their services.
set -eu
PATH=$PATH:/usr/sbin

missing=
for program in nginx haproxy; do
  command -v "$program" >/dev/null || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "examples/proxies: missing$missing: run apt-get install$missing as root"
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
apt-get install -qq -y --no-install-recommends $missing
