#!/usr/bin/env bash
# Looks for known vulnerabilities that the code of Go modules reaches. make vuln calls it:
#
#   .ci/vuln.sh GOVULNCHECK DATABASE FOLDER...
#
# DATABASE is an address such as https://vuln.go.dev. If it is empty, the database is its
# source, the Go module golang.org/x/vulndb in its newest version: so no other host is asked
# than the module proxy. GOVULNCHECK is the path of that program.
#
# The standard library is that of the newest patch of the Go version in go.mod, with which
# users can build. An older patch has vulnerabilities that no change here can remove.
set -euo pipefail

govulncheck=$1 database=$2
shift 2
minor=$(go list -m -f '{{.GoVersion}}' | cut -d. -f1,2)
patch=$(go list -m -versions go | tr ' ' '\n' | grep -E "^${minor//./\\.}\.[0-9]+$" | tail -n 1)
if [ -z "$database" ]; then
  # In another folder go does not see go.mod, and does not change it.
  module=$(cd / && go mod download -json golang.org/x/vulndb@latest)
  field() { sed -n "s/^\t\"$1\": \"\(.*\)\",*$/\1/p" <<<"$module"; }
  echo "vulnerabilities of golang.org/x/vulndb@$(field Version)"
  database=file://$(field Dir)/data/osv
fi
export GOTOOLCHAIN=go$patch
failed=0
for folder in "$@"; do
  echo "govulncheck in $folder with go$patch"
  # All modules are scanned, also after a finding.
  (cd "$folder" && "$govulncheck" -db "$database" ./...) || failed=1
done
exit "$failed"
