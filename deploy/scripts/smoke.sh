#!/usr/bin/env bash
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside the container
# Run the image as it runs in production, with caps and without rights, and see that it works and stops well.
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() {
  cat <<'TEXT'
usage: deploy/scripts/smoke.sh [--image IMAGE | --build] [--memory 2g] [--cpus 2] [--build-arg NAME=VALUE]…

  --image IMAGE   look at this image (default: masldatlas:local, built first if it is not there)
  --build         build masldatlas:local first, with the network of the host
  --build-arg …   handed to docker build, such as NODE_IMAGE=python:3.11-slim-bookworm
  --memory, --cpus  the caps
Needs a Docker engine; DOCKER names another command (DOCKER=podman). Uses no network once the image is there, no port
and a volume of its own, which is removed. Exit code 0: all is well; 1: a check failed; 2: called wrongly.
TEXT
}

fail_usage() {
  echo "smoke: $1 (see --help)" >&2
  exit 2
}

docker=${DOCKER:-docker}
image=masldatlas:local
build=
memory=2g
cpus=2
arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --image) image=${2:-}; shift ;;
    --build) build=yes ;;
    --build-arg) arguments+=(--build-arg "${2:-}"); shift ;;
    --memory) memory=${2:-}; shift ;;
    --cpus) cpus=${2:-}; shift ;;
    -h | --help) usage; exit 0 ;;
    *) fail_usage "$1 is not an option" ;;
  esac
  [ $# -gt 0 ] || fail_usage "an option has no value"
  shift
done
[ -n "$image" ] && [ -n "$memory" ] && [ -n "$cpus" ] || fail_usage "an option has an empty value"
command -v "$docker" >/dev/null || { echo "smoke: there is no command $docker" >&2; exit 2; }
"$docker" info >/dev/null 2>&1 || { echo "smoke: no Docker engine answers; start one, or set DOCKER_HOST" >&2; exit 2; }

name=masldatlas-smoke-$$
rows=()
failed=0
tidy() {
  "$docker" rm --force --volumes "$name" "$name-client" >/dev/null 2>&1 || true
  "$docker" volume rm "$name" >/dev/null 2>&1 || true
}
trap tidy EXIT

row() { # what, ok or FAIL, detail
  rows+=("$1|$2|$3")
  [ "$2" = ok ] || failed=$((failed + 1))
  printf '%-4s %-22s %s\n' "$2" "$1" "$3"
}
check() { # what, command…: its last line is the detail
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then row "$what" ok "$(tail -n 1 <<<"$said")"; else row "$what" FAIL "$(tail -n 1 <<<"$said")"; fi
}
inside() { "$docker" exec --interactive "$name" python - "$1" 127.0.0.1:8050 <deploy/scripts/smoke_client.py; }

if [ -n "$build" ] || ! "$docker" image inspect "$image" >/dev/null 2>&1; then
  [ -n "$build" ] || [ "$image" = masldatlas:local ] || fail_usage "there is no image $image"
  began=$SECONDS
  "$docker" build --network host "${arguments[@]}" --tag "$image" --file deploy/Dockerfile .
  row "build" ok "$((SECONDS - began)) s"
fi
bytes=$("$docker" image inspect --format '{{.Size}}' "$image")
row "image" ok "$image, $((bytes / 1000000)) MB, user $("$docker" image inspect --format '{{.Config.User}}' "$image")"

no_secrets() {
  local found
  found=$("$docker" image inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$image" | grep -iE 'secret|passw|token|_key=' || true)
  [ -z "$found" ] || { echo "the image's environment has ${found%%=*}"; return 1; }
  echo "none in its environment"
}
check "secrets" no_secrets

# As in production: caps, a read-only root, no capability, no new privileges; and no network at all. The last check asks
# much faster than one visitor may.
secret=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
"$docker" volume create "$name" >/dev/null
"$docker" run --detach --name "$name" --network none --read-only --cap-drop ALL \
  --security-opt no-new-privileges --pids-limit 512 --memory "$memory" --memory-swap "$memory" --cpus "$cpus" \
  --tmpfs /tmp:size=512m,mode=1777 --tmpfs /cache:size=512m,uid=10001,gid=10001,mode=0700 \
  --env MASLDATLAS_ENV=production --env MASLDATLAS_SECRET_KEY="$secret" --env MASLDATLAS_RATE_LIMIT=1000000/minute \
  --volume "$name:/data" "$image" serve --no-demo >/dev/null

check "first /healthz" inside alive
check "first /readyz" inside ready

bare() {
  "$docker" exec "$name" sh -c '
    [ "$(id -u)" = 10001 ] || { echo "runs as $(id -u)"; exit 1; }
    for each in gcc cc make; do ! command -v $each >/dev/null || { echo "$each is in the image"; exit 1; }; done
    for each in / /app /opt /usr/bin; do ! touch "$each/x" 2>/dev/null || { echo "$each can be written to"; exit 1; }; done
    grep -q "^CapEff:[[:space:]]*0*$" /proc/self/status || { echo "has capabilities"; exit 1; }
    grep -q "^NoNewPrivs:[[:space:]]*1$" /proc/self/status || { echo "may gain privileges"; exit 1; }
    echo "uid 10001, no capability, no compiler, root read-only"'
}
check "rights" bare
kernels() {
  "$docker" exec "$name" sh -c '
    at_build=$(cd /opt/kernels && find . -name "*.nbc" | sort)
    now=$(cd "$NUMBA_CACHE_DIR" && find . -name "*.nbc" | sort)
    [ "$at_build" = "$now" ] || { echo "kernels were compiled at the start: another CPU than at build?"; exit 1; }
    echo "$(echo "$now" | wc -l) from the image, none compiled"'
}
check "kernels" kernels
caps() {
  "$docker" exec "$name" python -c 'from core.system.limits import cpu_count, memory_limit; print(cpu_count(), "CPUs,", memory_limit() >> 20, "MiB seen")'
}
check "caps" caps
references() {
  # This container has no network: what is missing must be that, and not the program that downloads.
  local said
  said=$("$docker" exec "$name" masldatlas references fetch 2>&1) && { echo "fetched without a network"; return 1; }
  case $said in
    *"reaches no package index"*) echo "pip is there; no network is said" ;;
    *) tail -n 1 <<<"$said"; return 1 ;;
  esac
}
check "references" references
import() {
  # Real cells that come with scanpy; no download.
  "$docker" exec "$name" sh -c '
    file=$(python -c "from importlib.util import find_spec; from pathlib import Path; print(Path(find_spec(\"scanpy\").origin).parent / \"datasets\" / \"10x_pbmc68k_reduced.h5ad\")")
    masldatlas import "$file" --species human --name pbmc68k >/dev/null' && inside atlas
}
check "import" import
check "pages" inside page
check "correlation" inside correlation
png() {
  "$docker" exec "$name" sh -c '
    began=$(date +%s%3N)
    masldatlas render "/correlation?dataset=human/pbmc68k&gene=CD3D" -o /cache/smoke.png >/dev/null
    python -c "
import sys
from PIL import Image
with Image.open(\"/cache/smoke.png\") as picture:
    picture.load()
    colours = len(picture.convert(\"RGB\").getcolors(1 << 24))
    assert picture.format == \"PNG\" and colours > 10, (picture.format, colours)
    print(*picture.size, sep=\" x \", end=\" pixels, \")"
    echo "$(($(date +%s%3N) - began)) ms from cold"'
}
check "PNG by Chromium" png
writes() {
  local found
  found=$("$docker" diff "$name")
  [ -z "$found" ] || { echo "wrote to its root: $found"; return 1; }
  echo "volume and tmpfs only"
}
check "writes" writes
health() {
  local state=
  for _ in $(seq 40); do
    state=$("$docker" inspect --format '{{.State.Health.Status}}' "$name")
    [ "$state" != healthy ] || break
    sleep 1
  done
  echo "$state"
  [ "$state" = healthy ]
}
check "health check" health
used() {
  "$docker" exec "$name" sh -c '
    for each in /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes; do
      [ ! -r $each ] || { echo "at most $(($(cat $each) >> 20)) MiB, page cache included"; exit 0; }
    done
    echo "the engine does not say"'
  "$docker" stats --no-stream --format 'now {{.MemUsage}}' "$name"
}
said=$(used)
row "memory" ok "$(tr '\n' ';' <<<"$said" | sed 's/;$//; s/;/; /')"

# The client has a container of its own, in the same network, and lives on when the server has gone.
stops() {
  local log code began
  log=$(mktemp)
  "$docker" run --interactive --rm --name "$name-client" --network "container:$name" --entrypoint python "$image" \
    - drain 127.0.0.1:8050 <deploy/scripts/smoke_client.py >"$log" 2>&1 &
  local client=$!
  for _ in $(seq 100); do ! grep -q asking "$log" || break; sleep 0.1; done
  sleep 1
  began=$SECONDS
  "$docker" stop --time 60 "$name" >/dev/null
  local took=$((SECONDS - began))
  code=0
  wait "$client" || code=1
  local last exit_code killed
  last=$(tail -n 1 "$log")
  rm -f "$log"
  exit_code=$("$docker" inspect --format '{{.State.ExitCode}}' "$name")
  killed=$("$docker" inspect --format '{{.State.OOMKilled}}' "$name")
  echo "$last; exit code $exit_code after $took s; killed for memory: $killed"
  [ "$code" = 0 ] && [ "$exit_code" = 0 ] && [ "$killed" = false ] && [ "$took" -lt 60 ]
}
check "docker stop" stops
if [ "$failed" != 0 ]; then "$docker" logs --tail 20 "$name" >&2; fi

printf '\n%-24s %-6s %s\n' check result measured
for each in "${rows[@]}"; do
  IFS='|' read -r what result detail <<<"$each"
  printf '%-24s %-6s %s\n' "$what" "$result" "$detail"
done
printf '\n%d checks, %d failed\n' "${#rows[@]}" "$failed"
[ "$failed" = 0 ]
