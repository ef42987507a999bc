#!/usr/bin/env bash
# Replicas as they are deployed: tests/replicas/run.sh PATH/TO/orgsearch [RUNS]
#
# deploy/ against its schemas, seeded runs against a real S3 interface that fails (20 by default with generations, half as
# many with batches of changes), how soon a batch is on three replicas, and three replicas behind HAProxy under load. Needs
# python3 with venv, Node.js and haproxy; works in throw-away folders.
set -euo pipefail
cd "$(dirname "$0")"
binary=$1
runs=${2:-20}
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --requirement requirements.txt
"$venv/bin/python" deploy.py
node store.mjs "$binary" --runs "$runs"
node changes.mjs "$binary" --runs "$((runs / 2))"
node latency.mjs "$binary" --store moto --trials 20
# Rolled to a program at another place, as an upgrade would.
cp "$binary" "$venv/orgsearch-new"
node balance.mjs "$binary" --new-binary "$venv/orgsearch-new"
