#!/usr/bin/env bash
# Does what deploy/Containerfile and deploy/README.md say, without a registry of images: in a Debian root made by
# debootstrap, with the commands of the second stage taken from the Containerfile itself.
#
#   deploy/try-container.sh target/release/orgsearch [ROOT]     as root; ROOT (a minimal Debian) is made if left out
#
# Needs debootstrap, and a Debian mirror. Prints each step; the exit code is 1 at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${1:?the binary to put in, such as target/release/orgsearch}
given=${2:-}
suite=${SUITE:-bookworm}
mirror=${MIRROR:-http://deb.debian.org/debian}
readonly key=try-container-key

work=$(mktemp -d)
root=${given:-$work/root}
server=''

clean_up() {
  [[ -z "$server" ]] || kill -KILL "$server" 2>/dev/null || true
  umount "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap clean_up EXIT

say() { printf '== %s\n' "$*"; }
fail() { printf 'try-container: %s\n' "$*" >&2; exit 1; }

# One instruction of the last stage, continued lines joined.
instruction() {
  sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' deploy/Containerfile | awk '/^FROM /{text=""} {text=text $0 "\n"} END{printf "%s", text}' | sed -n "s/^$1 //p"
}

# How a command runs in the image: its user, its environment, nothing else.
read -ra variables <<<"$(instruction ENV)"
readonly image=(chroot --userspec=10001:10001 "$root" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin "${variables[@]}")

in_image() {
  "${image[@]}" "$@"
}

if [[ -z "$given" ]]; then
  say "a minimal Debian ($suite)"
  debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/debootstrap.log" || { tail "$work/debootstrap.log"; fail 'debootstrap failed'; }
fi
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"

say 'RUN of the last stage'
chroot "$root" /bin/sh -c "$(instruction RUN)" >"$work/run.log" 2>&1 || { tail "$work/run.log"; fail 'RUN failed'; }
[[ "$(stat -c '%u:%g %a' "$root/data")" == '10001:'*' 750' ]] || fail "/data is $(stat -c '%u:%g %a' "$root/data")"
chroot "$root" /usr/bin/id orgsearch

say 'COPY --from=build'
install -m 0755 "$binary" "$root/usr/local/bin/orgsearch"
install -m 0644 index-data/samples/small.csv "$root/tree.csv"
in_image orgsearch --version

start() {
  # Each of these programs becomes the next, so that the signal reaches the last.
  "${image[@]}" ORGSEARCH_ADMIN_KEY="$key" orgsearch serve >"$work/serve.log" 2>&1 &
  server=$!
  local try
  for try in $(seq 100); do
    healthy && return
    kill -0 "$server" 2>/dev/null || { cat "$work/serve.log"; fail 'serve ended'; }
    sleep 0.1
  done
  cat "$work/serve.log"
  fail "no health after $try tries"
}

# The HEALTHCHECK, word for word.
healthy() {
  local words
  words=$(sed -n 's/^ *CMD \[\(.*curl.*\)\]$/\1/p' deploy/Containerfile | tr -d '",')
  [[ -n "$words" ]] || fail 'the Containerfile has no HEALTHCHECK'
  # shellcheck disable=SC2086
  in_image $words 2>/dev/null
}

stop() {
  kill -TERM "$server"
  local code=0
  wait "$server" || code=$?
  server=''
  [[ $code -eq 0 ]] || { cat "$work/serve.log"; fail "serve ended with $code after SIGTERM"; }
}

status_of() {
  in_image curl --silent --output /dev/null --write-out '%{http_code}' "$@"
}

expect() {
  local wanted=$1 found
  shift
  found=$(status_of "$@")
  [[ "$found" == "$wanted" ]] || { cat "$work/serve.log"; fail "$* answers $found, expected $wanted"; }
  printf '   %s  %s\n' "$found" "${*: -1}"
}

first_answer() {
  local try
  for try in $(seq 100); do
    [[ "$(status_of "$base/readyz")" == 200 ]] && break
    sleep 0.1
  done
  expect 200 "$base/readyz"
  in_image curl --silent --fail "$base/v1/search?q=%E5%8C%97%E4%BA%AC&limit=1" | tee "$work/answer.json" | head -c 300
  echo
  grep -q '"hits":\[{' "$work/answer.json" || fail 'no hit'
}

readonly base=http://127.0.0.1:7700

say 'an empty volume: alive, healthy, not ready; a file through the admin route'
start
expect 200 "$base/livez"
expect 503 "$base/readyz"
expect 401 --data-binary @/tree.csv -H 'Content-Type: text/csv' "$base/v1/admin/reindex"
expect 202 --data-binary @/tree.csv -H 'Content-Type: text/csv' -H "Authorization: Bearer $key" "$base/v1/admin/reindex"
first_answer
stop

say 'the same volume again'
start
first_answer
stop

say 'an empty volume: a first generation by a run of its own'
find "$root/data" -mindepth 1 -delete
in_image orgsearch reindex --from /tree.csv
start
first_answer
[[ "$(find "$root/data" ! -user 10001 | wc -l)" -eq 0 ]] || fail 'a file in the volume belongs to somebody else'
stop

say 'the container does what its papers say'
