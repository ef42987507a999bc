# What ./check needs from the system. Sourced by it, and by tools_test.sh.
#
# A tool that is there is taken, wherever it comes from. As root on Debian or Ubuntu each missing one is installed, by
# itself: asked for together, one package that cannot be installed (npm, beside a Node.js from elsewhere that brings its
# own) would keep away all others. What cannot be installed is named, with the command that installs it.

apt_updated=''

fail() {
  printf '\ncheck: %s\n' "$1" >&2
  exit 1
}

is_there() {
  command -v "$1" >/dev/null
}

is_root_on_debian() {
  [[ "$(id -u)" -eq 0 ]] && is_there apt-get
}

# Package lists, once a run. One source of several that cannot be reached must not end the run: the others may have
# the package, and if they do not, the installation says so.
update_packages() {
  [[ -z "$apt_updated" ]] || return 0
  apt_updated=yes
  apt-get update -q >&2 || printf 'check: apt-get update failed; installing from the lists that are there\n' >&2
}

install_packages() {
  update_packages
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2 || return 1
  hash -r
}

# provide TOOL PACKAGE…: the tool, from these packages if it is missing.
provide() {
  local tool=$1
  shift
  is_there "$tool" && return
  if is_root_on_debian; then
    install_packages "$@" || true
  fi
  is_there "$tool" || fail "there is no $tool; install it: apt-get update && apt-get install -y $*"
}

# A C compiler builds two of the dependencies.
c_compiler() {
  provide cc gcc libc6-dev
}

# The distribution's npm belongs to the distribution's Node.js. Any other Node.js brings its own, and the two packages
# exclude each other.
npm_fits_node() {
  local node
  node=$(readlink -f "$(command -v node)")
  is_there dpkg && [[ "$(dpkg -S "$node" 2>/dev/null)" == nodejs:* ]] || return 1
  update_packages
  local plan
  plan=$(apt-get install --simulate --no-install-recommends npm 2>/dev/null) || return 1
  [[ "$plan" != *'Remv '* ]]
}

# What the browser tests need: Node.js with npm, and Chromium.
browser_tools() {
  provide node nodejs
  if ! is_there npm; then
    if is_root_on_debian && ! npm_fits_node; then
      fail "there is no npm beside $(command -v node), which is not the distribution's; install the npm that belongs to it (its installer, or: corepack enable npm)"
    fi
    provide npm npm
  fi
  if [[ -n "${CHROMIUM:-}" ]]; then
    is_there "$CHROMIUM" || fail "CHROMIUM=$CHROMIUM is not there; unset it to have Chromium installed"
  else
    provide chromium chromium
  fi
}

has_venv() {
  python3 -c 'import ensurepip, venv' 2>/dev/null
}

# What the clients need: Python with virtual environments, and a JDK.
client_tools() {
  provide python3 python3
  if ! has_venv && is_root_on_debian; then
    install_packages python3-venv || true
  fi
  has_venv || fail 'python3 makes no virtual environments; install it: apt-get update && apt-get install -y python3-venv'
  provide javac default-jdk-headless
}

# What the tests of replicas need besides: a balancer.
replica_tools() {
  provide haproxy haproxy
}
