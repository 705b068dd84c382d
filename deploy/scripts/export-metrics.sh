#!/usr/bin/env bash
# What Prometheus has recorded, as a CSV file for a spreadsheet or a report.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'TEXT'
usage: deploy/scripts/export-metrics.sh [--since 24h] [--step 60] [--query PROMQL]… [-o FILE.csv]

Columns: time (UTC), query, series, value. Without --query, every series of the app whose name begins with masldatlas_.
--since takes a number and m, h or d; --step is in seconds. Without -o, the table goes to standard output.
Exit code 0: done; 1: Prometheus does not answer or does not understand; 2: called wrongly.
TEXT
}

since=24h
step=60
out=
queries=()
while [ $# -gt 0 ]; do
  case $1 in
    --since) since=${2:-}; shift ;;
    --step) step=${2:-}; shift ;;
    --query) [ -n "${2:-}" ] || misuse "--query names none"; queries+=("$2"); shift ;;
    -o) out=${2:-}; [ -n "$out" ] || misuse "-o names no file"; shift ;;
    -h | --help) usage; exit 0 ;;
    *) misuse "$1 is not an option" ;;
  esac
  [ $# -gt 0 ] || misuse "an option has no value"
  shift
done
case $since in *[!0-9mhd]* | [mhd]* | *[0-9] | "" | *[mhd]?*) misuse "--since is '$since', and must be such as 90m, 24h or 7d" ;; esac
case $step in "" | *[!0-9]* | 0) misuse "--step is '$step', and must be a number of seconds" ;; esac
[ ${#queries[@]} -gt 0 ] || queries=('{__name__=~"masldatlas_.+"}')
number=${since%[mhd]}
case $since in *m) span=$((number * 60)) ;; *h) span=$((number * 3600)) ;; *) span=$((number * 86400)) ;; esac
# Prometheus gives 11,000 points a series at most.
[ $((span / step)) -lt 11000 ] || misuse "--step must be $((span / 11000 + 1)) seconds or more for $since"

work=$(mktemp)
trap 'rm -f "$work"' EXIT
# The app's container has Python, and shares a network with Prometheus; this machine may have neither.
within app python - "${PROMETHEUS_URL:-http://prometheus:9090}" "$span" "$step" "${queries[@]}" \
  <"$deploy/scripts/export_metrics.py" >"$work" || die "there are no metrics: Prometheus does not answer, or does not understand"
if [ -n "$out" ]; then
  chmod 644 "$work"
  mv "$work" "$out" || die "$out cannot be written"
  echo "$out: $(($(wc -l <"$out") - 1)) values"
else
  cat "$work"
fi
