#!/usr/bin/env bash
# Which packages tools.sh asks for, in each situation. Nothing is installed: the system is a folder of stubs.
#
#   tests/check/tools_test.sh      prints what fails; exit code 1 if anything does
set -uo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# Each case has a folder of its own as its whole PATH.
new_system() {
  bin="$work/$1"
  mkdir -p "$bin"
  local tool
  for tool in bash cat readlink touch chmod mkdir ln; do
    ln -s "$(command -v "$tool")" "$bin/$tool"
  done
  stub id 'echo "${STUB_UID:-0}"'
  stub dpkg '[[ "$1" == -S && "$2" == *"/from-debian/"* ]] && echo "nodejs: $2" || exit 1'
}

stub() {
  printf '#!%s\n%s\n' "$BASH" "$2" >"$bin/$1"
  chmod +x "$bin/$1"
}

# An apt-get that writes down what it is asked for, and whose packages bring the tools they bring on Debian.
with_apt() {
  stub apt-get '
    bin='"'$bin'"'
    brings() { mkdir -p "$bin/from-debian"; touch "$bin/from-debian/$1"; chmod +x "$bin/from-debian/$1"; ln -sf "from-debian/$1" "$bin/$1"; }
    case " $* " in
      *" update "*) echo update >>"$bin/asked"; exit "${STUB_UPDATE:-0}" ;;
      *" --simulate "*) echo "${STUB_PLAN:-Inst npm}"; exit "${STUB_SIMULATE:-0}" ;;
    esac
    echo "$*" >>"$bin/asked"
    for package in "$@"; do
      [[ " ${STUB_BROKEN:-} " == *" $package "* ]] && exit 100
    done
    for package in "$@"; do
      case "$package" in
        nodejs) brings node; [[ -z "${STUB_NODE_BRINGS_NPM:-}" ]] || brings npm ;;
        npm) brings npm ;;
        chromium) brings chromium ;;
        gcc) brings cc ;;
        python3) brings python3 ;;
        python3-venv) touch "$bin/venv" ;;
        default-jdk-headless) brings javac ;;
        haproxy) brings haproxy ;;
      esac
    done'
}

# expect TITLE FUNCTION EXIT_CODE ASKED WORDS: runs a function of tools.sh on the system made before. ASKED is what
# apt-get was asked for, one command after another, without its options; WORDS must stand in the output.
expect() {
  local title=$1 function=$2 code=$3 asked=$4 words=$5 output actual found=''
  output=$(PATH="$bin" "$BASH" -c 'set -euo pipefail; source ./tools.sh; '"$function" 2>&1)
  actual=$?
  if [[ -f "$bin/asked" ]]; then
    found=$(sed -E 's/^.*--no-install-recommends //' "$bin/asked" | paste -sd, -)
  fi
  if [[ "$actual" != "$code" || "$found" != "$asked" || "$output" != *"$words"* ]]; then
    printf 'FAILED %s\n  exit code %s, expected %s\n  asked for %s\n  expected  %s\n  output: %s\n  wanted: %s\n' \
      "$title" "$actual" "$code" "${found:-nothing}" "${asked:-nothing}" "$output" "$words"
    failed=1
  fi
}

new_system nothing; with_apt
expect 'nothing there: each by itself' browser_tools 0 'update,nodejs,npm,chromium' ''

new_system all; with_apt
stub node ''; stub npm ''; stub chromium ''
expect 'all there: nothing is asked for' browser_tools 0 '' ''

new_system elsewhere; with_apt
stub node ''; stub npm ''
expect 'Node.js from elsewhere with its npm, no Chromium: Chromium alone' browser_tools 0 'update,chromium' ''

new_system source; with_apt
STUB_NODE_BRINGS_NPM=1 expect 'a nodejs package that brings its npm' browser_tools 0 'update,nodejs,chromium' ''

new_system debian; with_apt
mkdir -p "$bin/from-debian"; stub from-debian/node ''; ln -s from-debian/node "$bin/node"; stub chromium ''
expect 'the Node.js of the distribution without npm: npm alone' browser_tools 0 'update,npm' ''

new_system excluded; with_apt
mkdir -p "$bin/from-debian"; stub from-debian/node ''; ln -s from-debian/node "$bin/node"; stub chromium ''
STUB_PLAN=$'Remv nodejs\nInst npm' expect 'npm would remove Node.js: it is named, not installed' \
  browser_tools 1 'update' 'there is no npm beside'

new_system foreign; with_apt
stub node ''; stub chromium ''
expect 'Node.js from elsewhere without npm: never from apt' browser_tools 1 '' 'install the npm that belongs to it'

new_system user; with_apt
export STUB_UID=1000
expect 'not root: named with its command' browser_tools 1 '' 'there is no node; install it: apt-get update && apt-get install -y nodejs'
unset STUB_UID

new_system chromium-only; with_apt
stub node ''; stub npm ''
STUB_UID=1000 expect 'not root, Chromium missing' browser_tools 1 '' \
  'there is no chromium; install it: apt-get update && apt-get install -y chromium'

new_system other
expect 'another distribution: named' browser_tools 1 '' 'there is no node; install it'

new_system no-lists; with_apt
STUB_UPDATE=100 expect 'apt-get update fails: what the lists have is installed' \
  browser_tools 0 'update,nodejs,npm,chromium' 'apt-get update failed'

new_system no-chromium; with_apt
STUB_BROKEN=chromium expect 'a package cannot be installed: the others are, and it is named' \
  browser_tools 1 'update,nodejs,npm,chromium' 'there is no chromium; install it'

new_system set; with_apt
stub node ''; stub npm ''
CHROMIUM=/no/such/browser expect 'CHROMIUM points nowhere: named, nothing else is taken' \
  browser_tools 1 '' 'CHROMIUM=/no/such/browser is not there'

new_system own; with_apt
stub node ''; stub npm ''; stub my-chrome ''
CHROMIUM="$bin/my-chrome" expect 'CHROMIUM is there' browser_tools 0 '' ''

new_system compiler; with_apt
expect 'no C compiler: compiler and headers in one command' c_compiler 0 'update,gcc libc6-dev' ''

new_system compiler-there; with_apt
stub cc ''
expect 'a C compiler is there' c_compiler 0 '' ''

new_system compiler-user; with_apt
STUB_UID=1000 expect 'no C compiler, not root' c_compiler 1 '' \
  'there is no cc; install it: apt-get update && apt-get install -y gcc libc6-dev'

# A python3 that makes virtual environments once python3-venv is there.
with_python() {
  stub python3 '[[ -f "'"$bin"'/venv" ]]'
}

new_system clients; with_apt; with_python
expect 'no venv, no JDK: each by itself' client_tools 0 'update,python3-venv,default-jdk-headless' ''

new_system python; with_apt; stub javac ''; touch "$bin/venv"
expect 'no Python: python3 alone' client_tools 0 'update,python3' ''

new_system clients-there; with_apt; with_python
stub javac ''; touch "$bin/venv"
expect 'Python and JDK are there: nothing is asked for' client_tools 0 '' ''

new_system clients-user; with_apt; with_python
stub javac ''
STUB_UID=1000 expect 'no venv, not root: named with its command' client_tools 1 '' 'apt-get install -y python3-venv'

new_system no-jdk; with_apt; with_python
touch "$bin/venv"
STUB_BROKEN=default-jdk-headless expect 'no JDK can be installed: named' client_tools 1 'update,default-jdk-headless' 'there is no javac; install it'

new_system balancer; with_apt
expect 'no balancer: HAProxy alone' replica_tools 0 'update,haproxy' ''

# expect_usage ARGUMENTS…: ./check refuses them before it does anything.
expect_usage() {
  local output
  output=$(../../check "$@" 2>&1)
  if [[ $? -ne 2 || "$output" != 'usage: ./check [--services]' ]]; then
    printf 'FAILED ./check %s: %s\n' "$*" "$output"
    failed=1
  fi
}

expect_usage --fast
expect_usage --services --fast
expect_usage ''

[[ $failed -eq 0 ]] && echo 'tools: all situations as expected'
exit "$failed"
