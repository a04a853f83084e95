#!/usr/bin/env bash
# Sets up everything Egao needs in this checkout: system packages, a virtual environment, pinned packages.
# `make` calls it; it may be called as often as you like and does only what is still missing.
#   deploy/setup.sh kiosk   a window and its fonts: what the kiosk itself needs
#   deploy/setup.sh all     also a virtual screen, a browser and PostgreSQL: the demo without a display, the tests
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=${1:-all}
say() { printf 'setup: %s\n' "$*" >&2; }

has_library() { ldconfig -p 2>/dev/null | grep -q "$1"; }
has_postgres() { command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_japanese() { command -v fc-list >/dev/null && fc-list ':lang=ja' 2>/dev/null | grep -q .; }

find_python() { # Kivy ships wheels for 3.11, 3.12 and 3.13
  local candidate
  for candidate in ${EGAO_PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null &&
      "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  say "no Python 3.11, 3.12 or 3.13 found. Install one (Debian 12: apt install python3) or name it: EGAO_PYTHON=/path make …"
  exit 1
}

missing_packages() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  has_library libGL.so.1 || echo libgl1
  has_library libEGL.so.1 || echo libegl1
  has_library libmtdev.so.1 || echo libmtdev1
  if [ "$wanted" = all ]; then
    command -v Xvfb >/dev/null || echo xvfb
    command -v xclip >/dev/null || echo xclip
    command -v chromium >/dev/null || echo chromium
    has_postgres || echo postgresql # the store's tests run on it too; they start a server of their own
    has_library libatomic.so.1 || echo libatomic1 # for the Node.js inside Playwright
    has_japanese || echo "fontconfig fonts-noto-cjk"
  fi
}

install_system() {
  local packages root=()
  packages=$(missing_packages | tr '\n' ' ')
  [ -n "${packages// /}" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then root=(sudo -n); else
      say "these system packages are missing, and this user may not install them:"
      say "    sudo apt-get install --no-install-recommends $packages"
      exit 1
    fi
  fi
  if ! command -v apt-get >/dev/null; then
    say "this is not a Debian system; please install what Debian calls: $packages"
    exit 1
  fi
  say "installing system packages: $packages"
  "${root[@]}" apt-get -qq update >&2
  # shellcheck disable=SC2086  # a list of package names, one word each
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $packages >&2
}

install_python() {
  local stamp
  stamp=$(sha256sum <requirements.lock | cut -c1-16)-$("$python" -c 'import sys; print(sys.version_info[:2])')
  if [ -x .venv/bin/python ] && [ "$(cat .venv/egao-stamp 2>/dev/null)" = "$stamp" ]; then return; fi
  say "making .venv with the packages pinned in requirements.lock (once; about a minute)"
  "$python" -m venv --clear .venv
  .venv/bin/python -m pip --disable-pip-version-check install -qq --no-input \
    --require-hashes --requirement requirements.lock >&2
  echo "$stamp" >.venv/egao-stamp
}

install_node() { # for the tests alone; those that want it say why they are skipped where it is not there
  local stamp
  [ "$wanted" = all ] || return 0
  stamp=$(sha256sum <tests/node/package-lock.json | cut -c1-16)
  [ "$(cat tests/node/node_modules/egao-stamp 2>/dev/null)" != "$stamp" ] || return 0
  if ! command -v npm >/dev/null || ! command -v node >/dev/null ||
    [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    say "no Node.js 20 or later with npm: signing in by OpenID Connect and pages by axe-core are not tested here"
    return 0
  fi
  say "installing what the tests take from npm, pinned in tests/node"
  if npm ci --prefix tests/node --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
    echo "$stamp" >tests/node/node_modules/egao-stamp
  else
    say "npm could not: signing in by OpenID Connect and pages by axe-core are not tested here"
  fi
}

python=$(find_python)
install_system
install_python
install_node
say "ready"
