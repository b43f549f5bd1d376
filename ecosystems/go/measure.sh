#!/bin/sh
# What the build's flags change of the size of the bundled programs: prints a table for README.md. Needs go.
set -eu
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$(dirname "$0")/../../fixtures/apps/hello/go"
build() { env GOTOOLCHAIN=local GOFLAGS=-buildvcs=false CGO_ENABLED="$1" go build "$3" "$4" -tags "$5" -o "$out/$2" "./$2"; wc -c < "$out/$2"; }
echo "| build | \`hello\` | \`net\` |"
echo "|---|--:|--:|"
row() { echo "| $1 | $(build "$2" hello "$3" "$4" "$5") | $(build "$2" net "$3" "$4" "$5") |"; }
row 'as it is, with C where there is a compiler' 1 -trimpath=false '-ldflags=' ''
row '`CGO_ENABLED=0`' 0 -trimpath=false '-ldflags=' ''
row '`CGO_ENABLED=0 -trimpath`' 0 -trimpath '-ldflags=' ''
row '`CGO_ENABLED=0 -trimpath -ldflags="-s -w"`' 0 -trimpath '-ldflags=-s -w' ''
row '`CGO_ENABLED=0 -trimpath -ldflags="-s -w" -tags timetzdata`' 0 -trimpath '-ldflags=-s -w' timetzdata
