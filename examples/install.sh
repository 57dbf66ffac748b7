#!/bin/sh
# Installs the programs that tests start themselves: see usage below.
set -euf
PATH=$PATH:/usr/sbin # where Debian keeps servers, and only root's PATH looks
policy=/usr/sbin/policy-rc.d

usage() {
  cat <<'END'
Usage: sh examples/install.sh PROGRAM[=PACKAGE[,PACKAGE...]]...

Installs the programs that are missing from Debian's packages, without starting
any service: as root, or with a sudo that asks for no password. The package is
called as its program unless it is named.

  sh examples/install.sh redis-server nginx chromium=chromium,fonts-wqy-microhei

It exits with 0 where every program is there in the end, with 1 where one can't
be installed, and with 2 where it is not called like that.
END
}

has() { command -v "$1" >/dev/null; }

give_up() {
  echo "SKIPPED: no$missing on this machine, and $1: run apt-get install --no-install-recommends$packages as root" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# apt-get shows what it did only where it failed.
apt() {
  said=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" 2>&1 </dev/null) || {
    echo "$said" >&2
    give_up "apt-get $1 failed"
  }
}

case ${1-} in
--help) usage && exit ;;
'' | -*) usage >&2 && exit 2 ;;
esac

missing=''
packages=''
for wanted; do
  program=${wanted%%=*}
  if ! has "$program"; then
    missing="$missing $program"
    packages="$packages $(echo "${wanted#*=}" | tr , ' ')"
  fi
done
[ -n "$missing" ] || exit 0

has apt-get || give_up "there is no apt-get"
as_root true 2>/dev/null || give_up "only root may install it"

# Packages ask this file before they start a service. Where there is one, the
# machine has made up its mind.
if ! [ -e "$policy" ]; then
  trap 'as_root rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
fi

apt update
# shellcheck disable=SC2086 # a list of words
apt install --no-install-recommends $packages
for program in $missing; do
  has "$program" || give_up "its packages do not hold $program"
done
