#!/bin/sh
# Make sure that what the tests drive is there: a Chromium, a Redis server, poppler-utils, and Prometheus with its checkers.
# Root on Debian or Ubuntu gets what is missing from apt; anybody else gets one line that says what to do.
set -eu

POLICY=/usr/sbin/policy-rc.d # asked before a package may start its service; 101 says no

have() {
  for name in "$@"; do
    if command -v "$name" >/dev/null 2>&1; then return 0; fi
  done
  return 1
}

missing() {
  have chromium chromium-browser google-chrome google-chrome-stable || printf ' chromium'
  have redis-server valkey-server || printf ' redis-server'
  have pdftocairo || printf ' poppler-utils'
  { have prometheus && have promtool; } || printf ' prometheus'
  have amtool || printf ' prometheus-alertmanager'
  have openssl || printf ' openssl'
}

lacking=$(missing)
if [ -z "$lacking" ]; then exit 0; fi

give_up() {
  echo "The tests need$(missing) on PATH$1; install with: apt-get install$(missing) (Debian), brew install --cask chromium and brew install redis poppler prometheus alertmanager (macOS), or your system's own packages." >&2
  exit 1
}

if [ "$(id -u)" != 0 ] || [ ! -e /etc/debian_version ] || ! have apt-get; then give_up ""; fi

# Ubuntu calls the browser chromium-browser. A browser without any font draws empty boxes.
packages=
case $lacking in *redis-server*) packages="redis-server" ;; esac
case $lacking in *poppler-utils*) packages="$packages poppler-utils" ;; esac
case $lacking in *chromium*) packages="$packages chromium" ;; esac
case "$lacking " in *" prometheus "*) packages="$packages prometheus" ;; esac
case $lacking in *prometheus-alertmanager*) packages="$packages prometheus-alertmanager" ;; esac
case $lacking in *openssl*) packages="$packages openssl" ;; esac
if ! have fc-list || [ -z "$(fc-list 2>/dev/null)" ]; then packages="$packages fonts-dejavu-core"; fi

work=$(mktemp -d)
aside=
placed=
tidy() {
  if [ -n "$placed" ]; then rm -f "$POLICY"; placed=; fi
  if [ -n "$aside" ]; then mv -f "$aside" "$POLICY"; aside=; fi
  rm -rf "$work"
}
trap tidy EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The servers of apt start themselves, and the tests start their own: say no for as long as this runs.
denies() {
  [ -x "$POLICY" ] || return 1
  answer=0
  "$POLICY" redis-server start >/dev/null 2>&1 || answer=$?
  [ "$answer" = 101 ]
}
if ! denies; then
  if [ -e "$POLICY" ]; then
    aside=$POLICY.before-masldatlas
    mv "$POLICY" "$aside"
  fi
  placed=yes
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  chmod 755 "$POLICY"
fi

apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >>"$work/log" 2>&1
}

echo "Installing$lacking for the tests" >&2
apt update || : # what apt knows already may do
if ! apt-cache show chromium 2>/dev/null | grep -q '^Package:'; then
  packages=$(echo " $packages" | sed 's/ chromium/ chromium-browser/')
fi
# shellcheck disable=SC2086 # a list
if ! apt install --yes --no-install-recommends $packages; then
  give_up " and apt-get failed ($(grep '^E:' "$work/log" | head -n 1))"
fi
# Nor may it start at the next boot, on a machine that did not have it before.
for name in redis-server prometheus prometheus-alertmanager; do
  case " $packages " in *" $name "*)
    if have systemctl; then systemctl disable "$name" >/dev/null 2>&1 || :; fi ;;
  esac
done
if [ -n "$(missing)" ]; then give_up " and apt-get did not bring it"; fi
