#!/usr/bin/env bash
# Lists the tools that the Makefile pins and that have a newer version. make outdated calls it:
#
#   .ci/outdated.sh PACKAGE@VERSION...
#
# Dependabot reads manifests, not Makefiles.
set -euo pipefail
cd / # outside of a module, so that go.mod does not choose the version

for tool in "$@"; do
  # The module of a package is the longest prefix of its path that is a module.
  module=${tool%@*}
  until latest=$(go list -m -f '{{.Version}}' "$module@latest" 2>/dev/null); do
    case $module in
    */*) module=${module%/*} ;;
    *) echo "no module has ${tool%@*}, or the module proxy does not answer" >&2 && exit 1 ;;
    esac
  done
  if [ "$latest" != "${tool#*@}" ]; then
    echo "$module ${tool#*@}: the newest version is $latest"
  fi
done
