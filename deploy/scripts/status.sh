#!/usr/bin/env bash
# One screen on the running stack.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'TEXT'
usage: deploy/scripts/status.sh

Says of each container whether it runs and is healthy, how often it was started anew and what it uses; then whether the
app is ready, how full its cache is, how much of the disk is free, and how old the newest backup is.
STACK=standard looks at the stack without monitoring. Exit code 0: all is well; 1: something is not; 2: called wrongly.
TEXT
}

case ${1:-} in "") ;; -h | --help) usage; exit 0 ;; *) misuse "$1 is not an option" ;; esac
need "$DOCKER"
ids=$(compose ps -q) || die "the compose files cannot be read, or no engine answers" 2
[ -n "$ids" ] || die "nothing of the stack runs; start it with deploy/scripts/deploy-prod-ultra.sh"
wrong=0
form='{{.Name}}|{{.State.Status}}|{{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}}|{{.RestartCount}}|{{.State.OOMKilled}}'
printf '%-32s %-10s %-10s %-8s %s\n' container state health restarts 'memory, CPU'
for id in $ids; do
  IFS='|' read -r name state health restarts killed < <("$DOCKER" inspect --format "$form" "$id")
  used=$("$DOCKER" stats --no-stream --format '{{.MemUsage}}, {{.CPUPerc}}' "$id" 2>/dev/null || echo "?")
  [ "$killed" != true ] || used="$used, was killed for memory"
  printf '%-32s %-10s %-10s %-8s %s\n' "${name#/}" "$state" "$health" "$restarts" "$used"
  case $state/$health in running/healthy | running/-) ;; *) wrong=1 ;; esac
done
echo
if within app python -I -S /opt/healthcheck.py 8050 /readyz >/dev/null 2>&1; then
  echo "app      ready"
else
  echo "app      not ready; see: docker compose logs app"
  wrong=1
fi
within app masldatlas cache info 2>/dev/null || { echo "cache    does not answer"; wrong=1; }
echo "disk     $(df -Pk "$deploy" | awk 'NR == 2 { printf "%d GB free, %s full", $4 / 1024 / 1024, $5 }')"
newest=$(find "$deploy/backups" -maxdepth 1 -name 'masldatlas-*.tar' 2>/dev/null | sort | tail -n 1) || :
echo "backup   ${newest:-none; make one with deploy/scripts/backup.sh}"
exit $wrong
