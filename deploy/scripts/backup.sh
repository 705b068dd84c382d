#!/usr/bin/env bash
# Back up what cannot be computed again: the Redis servers, what atlases there are, the configuration.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'TEXT'
usage: deploy/scripts/backup.sh [--to DIRECTORY] [--with-atlases] [--keep N]

Writes DIRECTORY/masldatlas-<time>.tar (default: deploy/backups), mode 0600: it holds the secrets. In it: snapshots of
both Redis servers, the manifest of every atlas and who may see it (or with --with-atlases all of its files), .env and
the secrets, and a checksum of each. The stack goes on running. --keep N deletes all but the newest N backups of that directory.
Not in it: certificates (fetched anew), the history of Prometheus, Grafana's own database (its dashboards are files).
Exit code 0: done; 1: failed, nothing half-written is left; 2: called wrongly.
TEXT
}

to=$deploy/backups
atlases=
keep=
while [ $# -gt 0 ]; do
  case $1 in
    --to) to=${2:-}; [ -n "$to" ] || misuse "--to names no directory"; shift ;;
    --with-atlases) atlases=yes ;;
    --keep) keep=${2:-}; case $keep in "" | *[!0-9]* | 0) misuse "--keep needs a number, 1 or more" ;; esac; shift ;;
    -h | --help) usage; exit 0 ;;
    *) misuse "$1 is not an option" ;;
  esac
  shift
done
need tar sha256sum
mkdir -p "$to" || die "the directory $to cannot be made"
work=$(mktemp -d "$to/.backup.XXXXXX") || die "the directory $to cannot be written to"
trap 'rm -rf "$work"' EXIT

for which in cache broker; do
  # The server sends a snapshot as to a replica: it is of one moment, and complete or an error.
  redis_ask "$which" --rdb - >"$work/redis-$which.rdb" 2>"$work/said" \
    || die "redis-$which gives no snapshot: $(tail -n 1 "$work/said")"
  [ "$(head -c 5 "$work/redis-$which.rdb")" = REDIS ] || die "what redis-$which gave is no snapshot"
done
if [ -n "$atlases" ]; then
  within app tar -C /data --exclude=./cache --exclude=./downloads --exclude=./atlases/.work -cf - . >"$work/atlases.tar" || die "the atlases cannot be read"
else
  within app sh -c 'cd /data && { [ ! -d atlases ] || find atlases -mindepth 3 -maxdepth 3 -name manifest.json; [ ! -d visibility ] || find visibility -type f; } | tar -cf - -T -' \
    >"$work/atlases.tar" || die "the manifests of the atlases cannot be read"
fi
mkdir "$work/configuration"
[ ! -r "$env_file" ] || cp "$env_file" "$work/configuration/env"
[ ! -d "$(secrets_dir)" ] || cp -R "$(secrets_dir)" "$work/configuration/secrets"
tar -C "$work" -cf "$work/configuration.tar" configuration
rm -rf "$work/configuration" "$work/said"
(cd "$work" && sha256sum -- *.rdb *.tar >SHA256SUMS)

archive=$to/masldatlas-$(date -u +%Y%m%dT%H%M%SZ).tar
tar -C "$work" -cf "$work/whole" SHA256SUMS redis-cache.rdb redis-broker.rdb atlases.tar configuration.tar
mv "$work/whole" "$archive"
if [ -n "$keep" ]; then
  # shellcheck disable=SC2012 # names of our own, which sort by time
  ls -1 "$to"/masldatlas-*.tar | sort -r | tail -n "+$((keep + 1))" | while read -r old; do rm -f "$old"; done
fi
echo "$archive ($(($(wc -c <"$archive") / 1000)) kB, $(tar -tf <(tar -xOf "$archive" atlases.tar) | grep -c 'manifest.json$') atlases)"
