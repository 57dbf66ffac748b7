#!/usr/bin/env bash
# The steps of release.yml. Each can run again after a failure: it skips what is published.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'END'
Usage: .github/release.sh COMMAND vX.Y.Z [FOLDER]

  check          fail if a manifest has another version, or the changelog has no entry
  notes          print the entry of the changelog
  pack FOLDER    build the packages for npm and PyPI into FOLDER/npm and FOLDER/pypi
  npm FOLDER     publish FOLDER/npm
  maven          build, sign and publish the packages in Java
  crates         publish the crates
  modules        tag the nested Go modules
  sbom FOLDER    write the bills of materials into FOLDER/assets
  github FOLDER  make the GitHub release, with the assets in FOLDER/assets

With DRY_RUN=true nothing leaves this machine. PyPI has its own action.
END
}

dry_run() { [ "${DRY_RUN:-}" = true ]; }

skip() { echo "$* is already published"; }

check() {
  go run ./interceptor/internal/versions "$version"
  notes >/dev/null
}

notes() {
  awk -v heading="## [$number]" '
    /^## / { found = index($0, heading) == 1; next }
    found
    found && NF { text = 1 }
    END { exit !text }' CHANGELOG.md || { echo "CHANGELOG.md has no entry for $number" >&2; exit 1; }
}

pack() {
  mkdir -p "$folder/npm" "$folder/pypi"
  make -C interceptor/typescript packages
  cp interceptor/typescript/packages/*.tgz "$folder/npm"
  make -C interceptor/python setup
  for package in gen/python/proto gen/python/jverification interceptor/python; do
    interceptor/python/.venv/bin/python -m build --no-isolation --outdir "$folder/pypi" "$package"
  done
  interceptor/python/.venv/bin/twine check --strict "$folder"/pypi/*
  for package in "$folder"/*/*; do
    case $package in
    *.whl) list=(python3 -m zipfile -l) ;;
    *) list=(tar -tzf) ;;
    esac
    if ! "${list[@]}" "$package" | grep /LICENSE >/dev/null; then
      echo "$package has no LICENSE" >&2
      exit 1
    fi
  done
}

# A package comes after those that it depends on.
npm_packages() {
  for name in proto jverification core; do
    if [ "$(npm view "@codetable/$name@$number" version 2>/dev/null)" = "$number" ]; then
      skip "@codetable/$name"
      continue
    fi
    options=()
    if dry_run; then
      options+=(--dry-run)
    fi
    if [ "${GITHUB_ACTIONS:-}" != true ]; then
      options+=(--provenance=false) # only the workflow can prove where a package was built
    fi
    npm publish "$folder/npm/codetable-$name-$number.tgz" "${options[@]}"
  done
}

# Maven Central takes all packages or none. The local repository is empty, because
# Maven does not ask Central for what a build has installed.
maven() {
  if mvn -q -B dependency:get -Dtransitive=false "-Dmaven.repo.local=$(mktemp -d)" \
    "-Dartifact=io.github.codetable:codetable-bom:$number:pom" >/dev/null 2>&1; then
    skip io.github.codetable
    return
  fi
  goals=(deploy)
  if dry_run; then
    # The profile uploads in the phase deploy, so this is a goal of its own.
    goals=(verify deploy:deploy "-DaltDeploymentRepository=dry-run::file://$(mktemp -d)")
  fi
  mvn -B -ntp -f interceptor/java/pom.xml -P release -Dgpg.signer=bc "${goals[@]}"
}

crates() {
  options=(--locked --manifest-path interceptor/rust/Cargo.toml)
  pending=()
  for crate in codetable-proto codetable-jverification codetable; do
    if (cd / && cargo info "$crate@$number") >/dev/null 2>&1; then
      skip "$crate"
    else
      pending+=(-p "$crate")
    fi
  done
  if [ ${#pending[@]} -eq 0 ]; then
    return
  fi
  if dry_run; then
    options+=(--dry-run)
  fi
  cargo publish "${options[@]}" "${pending[@]}"
}

# The go.mod of a nested module replaces the root module by the folder, which go install
# refuses. The tags of a release name a commit that is on no branch: there the nested
# modules require the released root module.
modules() {
  pending=()
  for nested in $(git ls-files 'interceptor/*/go.mod' | xargs -n 1 dirname); do
    if git ls-remote --exit-code origin "refs/tags/$nested/$version" >/dev/null; then
      skip "$nested"
      continue
    fi
    (
      cd "$nested"
      go mod edit "-dropreplace=$module" "-require=$module@$version"
      go mod tidy
      go build ./...
      if grep -E '^replace|v0\.0\.0$' go.mod; then
        echo "$nested/go.mod requires a module that is not published" >&2
        exit 1
      fi
    )
    pending+=("$nested/$version")
  done
  if [ ${#pending[@]} -eq 0 ]; then
    return
  fi
  git commit -qam "Require $module $version"
  for tag in "${pending[@]}"; do
    git tag "$tag"
  done
  if ! dry_run; then
    git push --atomic origin "${pending[@]}"
  fi
}

# The bills of materials of the modules, and of the programs that FOLDER/assets has.
sbom() {
  make --no-print-directory sbom SBOM="$folder/assets" PROGRAM="$(find "$folder/assets" -name 'codetable_*' ! -name '*.json')"
}

# The programs are built from the tagged modules, so they know their version.
assets() {
  mkdir -p "$folder/assets"
  cp gen/descriptor_set/codetable.binpb "$folder/assets"
  for platform in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64; do
    os=${platform%/*} arch=${platform#*/} suffix=
    if [ "$os" = windows ]; then suffix=.exe; fi
    path=$(mktemp -d)
    GOPATH=$path GOMODCACHE=$(go env GOMODCACHE) GOOS=$os GOARCH=$arch CGO_ENABLED=0 \
      go install -trimpath -ldflags="-s -w" "$module/interceptor/cmd/codetable@$version"
    find "$path/bin" -type f -exec mv {} "$folder/assets/codetable_${number}_${os}_$arch$suffix" ';'
  done
  sbom
  (cd "$folder/assets" && sha256sum -- * >SHA256SUMS)
}

github() {
  assets
  notes >"$folder/notes.md"
  if dry_run; then
    return
  fi
  gh release view "$version" >/dev/null 2>&1 ||
    gh release create "$version" --verify-tag --title "$version" --notes-file "$folder/notes.md"
  gh release upload "$version" --clobber "$folder"/assets/*
}

module=github.com/codetable/grpc-codetable
version=${2-}
number=${version#v}
folder=${3:+$(mkdir -p "$3" && cd "$3" && pwd)}
case ${1-} in
--help) usage && exit ;;
check | notes | maven | crates | modules) arguments=2 ;;
pack | npm | sbom | github) arguments=3 ;;
*) arguments=0 ;;
esac
if [ $# -ne "$arguments" ] || ! [[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]]; then
  usage >&2
  exit 2
fi
case $1 in
npm) npm_packages ;;
*) "$1" ;;
esac
