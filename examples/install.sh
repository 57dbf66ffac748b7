#!/bin/sh
# Installs the programs that tests start: see usage below.
set -euf
PATH=$PATH:/usr/sbin # Debian installs servers there, and only the PATH of root contains it
policy=/usr/sbin/policy-rc.d

usage() {
  cat <<'END'
Usage: sh examples/install.sh PROGRAM[=PACKAGE[,PACKAGE...]]...

Installs missing programs from Debian's packages and starts no service. It needs
root, or a sudo without a password. If no PACKAGE is given, the package has the
name of the program.

  sh examples/install.sh redis-server nginx chromium=chromium,fonts-wqy-microhei

Exit status: 0 if all programs are installed, 1 if one can't be installed, 2 for
wrong arguments.
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

# Prints the output of apt-get only if it fails.
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

# Packages run this script before they start a service. An existing script stays.
if ! [ -e "$policy" ]; then
  trap 'as_root rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
fi

apt update
# shellcheck disable=SC2086 # it is a list of words
apt install --no-install-recommends $packages
for program in $missing; do
  has "$program" || give_up "its packages do not contain $program"
done
