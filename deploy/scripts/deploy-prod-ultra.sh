#!/usr/bin/env bash
# Bring the production stack up, or up to date: checks, secrets, build, smoke, up, health; back to the last image on failure.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'TEXT'
usage: deploy/scripts/deploy-prod-ultra.sh [--standard] [--image IMAGE] [--unpinned] [--skip-smoke] [--wait SECONDS] [--check]

Run again, it does the same to what is there: only what changed is started anew.
  --standard     without the monitoring (docker-compose.prod.yml alone)
  --image IMAGE  use an image that is there, instead of building one
  --unpinned     take what the tags of the images mean now, and write no digests into deploy/.env (pin-images.sh)
  --skip-smoke   do not try the image first (deploy/scripts/smoke.sh, about two minutes)
  --wait N       seconds until everything must be healthy (default 300)
  --check        look at everything that is needed, and stop there
Settings: deploy/.env, of which deploy/.env.example is the pattern. Secrets: see deploy/scripts/secrets.sh --help.
Exit code 0: it runs; 1: it does not, and what ran before runs again where there was anything; 2: called wrongly, or
something that it needs is missing, and nothing was changed.
TEXT
}

image=
smoke=yes
seconds=300
only_check=
pinned=yes
while [ $# -gt 0 ]; do
  case $1 in
    --standard) STACK=standard ;;
    --image) image=${2:-}; [ -n "$image" ] || misuse "--image names no image"; shift ;;
    --skip-smoke) smoke= ;;
    --unpinned) pinned= ;;
    --wait) seconds=${2:-}; case $seconds in "" | *[!0-9]* | 0) misuse "--wait needs a number of seconds" ;; esac; shift ;;
    --check) only_check=yes ;;
    -h | --help) usage; exit 0 ;;
    *) misuse "$1 is not an option" ;;
  esac
  shift
done
export STACK=${STACK:-ultra}
say() { echo "$program: $1" >&2; }

# --- What is needed
need "$DOCKER" openssl tar sed
find_compose
"$DOCKER" info >/dev/null 2>&1 || die "no Docker engine answers; start one, or set DOCKER_HOST" 2
[ -r "$env_file" ] || die "there is no $env_file; copy deploy/.env.example to it and set DOMAIN and ACME_EMAIL" 2
for each in DOMAIN ACME_EMAIL; do
  case $(setting $each) in
    "") die "$each is not set in $env_file" 2 ;;
    *example.org | *example.com) die "$each in $env_file is still the example's" 2 ;;
  esac
done
if [ "$(id -u)" != 0 ] && [ -z "${DEPLOY_AS_USER:-}" ]; then
  die "the files of secrets belong to the users of the containers, which only root can say; run this with sudo" 2
fi
free=$(df -Pk "$deploy" | awk 'NR == 2 { print int($4 / 1024 / 1024) }')
[ "$free" -ge "${MIN_FREE_GB:-10}" ] || die "only $free GB are free on the disk of $deploy; the image and its predecessor need ${MIN_FREE_GB:-10}" 2
said=$(compose config 2>&1 >/dev/null) || die "the compose files or $env_file are not right: $(tail -n 1 <<<"$said")" 2
hidden=$(find "$deploy"/redis "$deploy"/traefik "$deploy"/prometheus "$deploy"/alertmanager "$deploy"/grafana \
  \( -type f ! -perm -004 -o -type d ! -perm -005 \) 2>/dev/null | head -n 1)
[ -z "$hidden" ] || die "$hidden cannot be read by the users of the containers; run: chmod -R a+rX $deploy/redis $deploy/traefik $deploy/prometheus $deploy/alertmanager $deploy/grafana" 2
if [ "$(uname -s)" = Linux ]; then
  there=$(awk '/^MemTotal/ { print int($2 / 1024 / 1024) }' /proc/meminfo)
  wanted=$(setting APP_MEMORY 12g)
  case $wanted in *[gG]) [ "${wanted%[gG]}" -le "$there" ] || say "APP_MEMORY is $wanted, and this machine has $there GB" ;; esac
fi
say "checked: engine, compose files, settings, $free GB free"
[ -z "$only_check" ] || exit 0

"$deploy/scripts/secrets.sh" || die "the secrets are not usable" 1

[ -z "$pinned" ] || "$deploy/scripts/pin-images.sh" || die "not every image has a digest (--unpinned goes on without); what runs was not touched"

# --- The image: the one that runs stays until the new one has shown that it works
candidate=masldatlas:candidate
current=$(setting MASLDATLAS_IMAGE masldatlas:current)
previous=masldatlas:previous
if [ -n "$image" ]; then
  "$DOCKER" image inspect "$image" >/dev/null 2>&1 || die "there is no image $image here" 2
  "$DOCKER" tag "$image" "$candidate"
else
  say "building"
  "$DOCKER" build --network "$(setting BUILD_NETWORK default)" \
    --build-arg "PYTHON_IMAGE=$(setting PYTHON_IMAGE python:3.11-slim-bookworm)" \
    --build-arg "NODE_IMAGE=$(setting NODE_IMAGE node:22-bookworm-slim)" \
    --build-arg "REVISION=$(git -C "$deploy" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
    --build-arg "CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    --tag "$candidate" --file "$deploy/Dockerfile" "$deploy/.." >&2 || die "the image cannot be built; what runs was not touched"
fi
if [ -n "$smoke" ]; then
  say "trying the image"
  "$deploy/scripts/smoke.sh" --image "$candidate" >&2 || die "the image does not work; what runs was not touched"
fi
rollback=
if "$DOCKER" image inspect "$current" >/dev/null 2>&1; then
  "$DOCKER" tag "$current" "$previous"
  rollback=yes
fi
"$DOCKER" tag "$candidate" "$current"

# --- Up, and until everything is healthy
unhealthy() { # prints what is not healthy; nothing if all is well
  local id state
  for id in $(compose ps -q); do
    state=$("$DOCKER" inspect --format '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' "$id" 2>/dev/null) || continue
    case $state in *" running healthy" | *" running ") ;; *) echo "${state#/}" ;; esac
  done
}
up() {
  local end=$((SECONDS + seconds)) waiting=
  compose up -d --remove-orphans >&2 || return 1
  while [ $SECONDS -lt $end ]; do
    [ -n "$(compose ps -q app)" ] || return 1
    waiting=$(unhealthy)
    if [ -z "$waiting" ] && within app python -I -S /opt/healthcheck.py 8050 /readyz >/dev/null 2>&1; then return 0; fi
    sleep "${POLL_SECONDS:-2}"
  done
  say "not healthy after $seconds s: $(tr '\n' ',' <<<"${waiting:-app is not ready}")"
  return 1
}
say "starting"
if ! up; then
  compose logs --tail 20 app >&2 || :
  [ -n "$rollback" ] || die "the stack does not come up, and there was none before; look at: deploy/scripts/status.sh"
  say "going back to the image before"
  "$DOCKER" tag "$previous" "$current"
  up || die "neither the new image nor the one before comes up; look at: deploy/scripts/status.sh"
  die "the new image did not become healthy; the one before runs again"
fi

domain=$(setting DOMAIN)
cat <<TEXT
The dashboard runs.
  dashboard    https://$domain
TEXT
if [ "$STACK" = ultra ]; then
  cat <<TEXT
  monitoring   https://dashboard.$domain (Grafana), https://metrics.$domain (Prometheus)
               asked for: $(setting OPERATIONS_USER operations), and the password in $(secrets_dir)/traefik_password
               then, for Grafana: $(setting GRAFANA_USER admin), and that in $(secrets_dir)/grafana_admin_password
TEXT
fi
echo "  image        $("$DOCKER" image inspect --format '{{.Id}}' "$current")${rollback:+, the one before is $previous}"
