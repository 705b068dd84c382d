# shellcheck shell=bash
# What the scripts of this folder share: where things are, how to say what is wrong, how to reach the stack.
# DOCKER and COMPOSE name other commands (COMPOSE="docker-compose"); STACK is ultra, standard or local.
set -euo pipefail
umask 077
deploy=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(basename "$0" .sh)
env_file=${ENV_FILE:-$deploy/.env}
DOCKER=${DOCKER:-docker}
export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-masldatlas}

die() { # sentence [exit code]
  echo "$program: $1" >&2
  exit "${2:-1}"
}
misuse() { die "$1 (see --help)" 2; }

# The value of a variable: of this shell, else of the .env file, else the default.
setting() { # NAME [default]
  local value=${!1:-}
  if [ -z "$value" ] && [ -r "$env_file" ]; then
    value=$(sed -n "s/^$1=//p" "$env_file" | tail -n 1 | sed 's/^"\(.*\)"$/\1/')
  fi
  echo "${value:-${2:-}}"
}

secrets_dir() {
  local named
  named=$(setting SECRETS_DIR ./secrets)
  case $named in /*) echo "$named" ;; *) echo "$deploy/${named#./}" ;; esac
}

need() { # command…
  local each
  for each in "$@"; do command -v "$each" >/dev/null || die "there is no command $each here; install it" 2; done
}

find_compose() {
  [ -z "${COMPOSE:-}" ] || return 0
  need "$DOCKER"
  if "$DOCKER" compose version >/dev/null 2>&1; then
    COMPOSE="$DOCKER compose"
  elif command -v docker-compose >/dev/null; then
    COMPOSE=docker-compose
  else
    die "there is no Docker Compose; install the plugin docker-compose-v2" 2
  fi
}

compose() {
  find_compose
  local files=() named=()
  case ${STACK:-ultra} in
    ultra) files=(-f "$deploy/docker-compose.prod.yml" -f "$deploy/docker-compose.prod-ultra.yml") ;;
    standard) files=(-f "$deploy/docker-compose.prod.yml") ;;
    local) files=(-f "$deploy/docker-compose.yml") ;;
    *) misuse "STACK is ${STACK:-}, and must be ultra, standard or local" ;;
  esac
  [ ! -r "$env_file" ] || named=(--env-file "$env_file")
  # shellcheck disable=SC2086 # a command of several words
  $COMPOSE --project-directory "$deploy" "${named[@]}" "${files[@]}" "$@"
}

# Run a command in a service that is up; its input and output are ours.
within() { compose exec -T "$@"; }

# Expanded by the shell inside the container.
# shellcheck disable=SC2016
redis_auth='export REDISCLI_AUTH=$(cut -d" " -f2 /run/secrets/$0_auth 2>/dev/null || :)'
redis_ask() { # cache|broker, arguments of redis-cli
  local which=$1
  shift
  within "redis-$which" sh -c "$redis_auth; exec redis-cli \"\$@\"" "redis_$which" "$@"
}
