#!/usr/bin/env bash
# Bring back what backup.sh has saved.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'TEXT'
usage: deploy/scripts/restore.sh BACKUP.tar [--configuration] [--yes]

Checks every checksum first, and changes nothing if one is wrong. Then stops the Redis servers, puts their snapshots in
place of what they hold, and starts them again. Atlases of a backup made with --with-atlases are unpacked where they are
missing; those that are there stay as they are. Of the others it says which are missing and from which file they came.
--configuration also puts back .env and the secrets (first of all, for a new machine); --yes does not ask. Atlases need a
running app.
Exit code 0: done; 1: failed; 2: called wrongly.
TEXT
}

archive=
configuration=
yes=
while [ $# -gt 0 ]; do
  case $1 in
    --configuration) configuration=yes ;;
    --yes) yes=yes ;;
    -h | --help) usage; exit 0 ;;
    -*) misuse "$1 is not an option" ;;
    *) [ -z "$archive" ] || misuse "one backup at a time"; archive=$1 ;;
  esac
  shift
done
[ -n "$archive" ] || misuse "which backup?"
[ -r "$archive" ] || die "$archive cannot be read" 2
need tar sha256sum
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xf "$archive" SHA256SUMS redis-cache.rdb redis-broker.rdb atlases.tar configuration.tar 2>/dev/null \
  || die "$archive is no backup of MASLDatlas"
(cd "$work" && sha256sum --check --quiet --strict SHA256SUMS >/dev/null 2>&1) || die "$archive is damaged: a checksum is wrong; nothing was changed"

if [ -z "$yes" ]; then
  read -r -p "What both Redis servers hold is replaced. Go on? [y/N] " answer </dev/tty || die "nobody answers; give --yes" 2
  case $answer in y | Y | yes) ;; *) die "nothing was changed" ;; esac
fi

if [ -n "$configuration" ]; then
  tar -C "$work" -xf "$work/configuration.tar"
  if [ -f "$work/configuration/env" ]; then install -m 600 "$work/configuration/env" "$env_file"; fi
  dir=$(secrets_dir)
  if [ -d "$work/configuration/secrets" ]; then
    mkdir -p "$dir"
    cp -Rp "$work/configuration/secrets/." "$dir"
    chmod 600 "$dir"/[!.]*
  fi
  "$deploy/scripts/secrets.sh" || die "the secrets of the backup are not usable"
  echo "configuration: restored"
fi

for which in cache broker; do
  aof=no
  [ "$which" = cache ] || aof=yes
  compose stop "redis-$which" >/dev/null 2>&1 || die "redis-$which cannot be stopped"
  compose run --rm --no-deps -T --entrypoint sh "redis-$which" /etc/redis/restore.sh /data "$aof" <"$work/redis-$which.rdb" \
    || die "redis-$which did not take its snapshot; it is stopped"
  compose up -d --no-deps "redis-$which" >/dev/null 2>&1 || die "redis-$which cannot be started"
  for turn in $(seq 300); do
    keys=$(redis_ask "$which" dbsize 2>/dev/null) && case $keys in *[!0-9]* | "") ;; *) break ;; esac
    [ "$turn" -lt 300 ] || die "redis-$which does not answer after its restore"
    sleep 0.2
  done
  echo "redis-$which: restored, $keys keys"
done

if ! within app true 2>/dev/null; then
  echo "atlases: not looked at, since the app does not run; start it and run this again"
  exit 0
fi
listed=$(tar -tf "$work/atlases.tar" | sed 's|^\./||')
# Before any atlas is there: a private one must not be public for a moment. What was set since stays.
for file in $(grep -E '^visibility/[^/.][^/]*/[^/.][^/]*$' <<<"$listed" || :); do
  word=$(tar -xOf "$work/atlases.tar" "$file" 2>/dev/null || tar -xOf "$work/atlases.tar" "./$file")
  # shellcheck disable=SC2016 # for the shell inside the container
  within app sh -ec 'cd /data; [ ! -e "$0" ] || exit 0; mkdir -p "$(dirname "$0")"; printf "%s\n" "$1" >"$0"' "$file" "$word" \
    || die "the visibility of ${file#visibility/} cannot be written"
done
for manifest in $(grep -E '^atlases/[^/.][^/]*/[^/]+/manifest\.json$' <<<"$listed" || :); do
  atlas=$(dirname "$manifest")
  if within app test -e "/data/$manifest"; then continue; fi
  if [ "$(grep -c "^$atlas/." <<<"$listed")" -gt 1 ]; then
    # Under another name first: an atlas is there whole or not at all.
    tar -C "$work" -xf "$work/atlases.tar" "$atlas" 2>/dev/null || tar -C "$work" -xf "$work/atlases.tar" "./$atlas"
    # shellcheck disable=SC2016 # for the shell inside the container
    tar -C "$work/$atlas" -cf - . | within app sh -ec '
      new=/data/atlases/.work/restore-$$; mkdir -p "$new" "/data/$(dirname "$0")"
      tar -C "$new" -xf -; mv "$new" "/data/$0"' "$atlas" || die "$atlas cannot be unpacked"
    echo "${atlas#atlases/}: unpacked"
  else
    source=$(tar -xOf "$work/atlases.tar" "$manifest" | tr ',{' '\n' | grep -E '"(file|sha256)"' | tr -d ' "' | head -n 2 | tr '\n' ' ')
    echo "${atlas#atlases/}: missing, and its files are not in this backup; import it again (${source:-its source is not known})"
  fi
done
