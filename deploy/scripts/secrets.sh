#!/usr/bin/env bash
# Make the secrets of the production stack, once, and refuse weak ones.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'TEXT'
usage: deploy/scripts/secrets.sh [--check]

Makes what is missing in the directory of secrets (SECRETS_DIR, else deploy/secrets), each a file of mode 0600, and
derives from the passwords what each container reads. What is there is kept, and refused if it is weak: shorter than
32 characters, of fewer than 10 different ones, of others than letters, digits, - and _, or well known. To change one,
delete its file and run this again. --check makes nothing and only looks.
As root, each file is given to the user of the one container that reads it. Exit code 0: all is well; 1: a secret is
weak or missing; 2: called wrongly.
TEXT
}

only_check=
case ${1:-} in
  "") ;;
  --check) only_check=yes ;;
  -h | --help) usage; exit 0 ;;
  *) misuse "$1 is not an option" ;;
esac
[ $# -le 1 ] || misuse "there are too many arguments"
need openssl
dir=$(secrets_dir)
[ -n "$only_check" ] || mkdir -p "$dir" || die "the directory $dir cannot be made" 1

# Written whole or not at all; the text comes from stdin.
put() { # name, user and group of the container that reads it
  local new=$dir/.$1.new
  cat >"$new"
  chmod 600 "$new"
  if [ -f "$dir/$1" ] && cmp -s "$new" "$dir/$1"; then rm -f "$new"; else mv -f "$new" "$dir/$1"; fi
  if [ "$(id -u)" = 0 ]; then chown "$2" "$dir/$1"; fi
}

strong() { # name
  local value different
  [ -s "$dir/$1" ] || die "$dir/$1 is missing or empty; run deploy/scripts/secrets.sh" 1
  value=$(cat "$dir/$1")
  case $value in *[!A-Za-z0-9_-]*) die "$dir/$1 has other characters than letters, digits, - and _" 1 ;; esac
  [ "${#value}" -ge 32 ] || die "$dir/$1 is weak: it has ${#value} characters, and must have 32 or more" 1
  different=$(printf %s "$value" | fold -w 1 | sort -u | wc -l)
  [ "$different" -ge 10 ] || die "$dir/$1 is weak: it has only $different different characters" 1
  case $(printf %s "$value" | tr '[:upper:]' '[:lower:]') in
    *password* | *changeme* | *change-me* | *secret* | *masldatlas* | *12345678* | *abcdefgh* | *qwerty*)
      die "$dir/$1 is weak: it holds a well-known word" 1 ;;
  esac
}

readonly passwords=(app_secret_key redis_cache_password redis_broker_password grafana_admin_password traefik_password
  access_value access_password)
for each in "${passwords[@]}"; do
  if [ -z "$only_check" ] && [ ! -e "$dir/$each" ]; then
    case $each in
      app_secret_key | access_value) owner=10001:10001 ;;
      grafana_admin_password) owner=472:0 ;;
      *) owner=0:0 ;;
    esac
    openssl rand -hex 32 | tr -d '\n' | put "$each" "$owner"
    echo "$program: made $dir/$each"
  fi
  strong "$each"
done
[ -z "$only_check" ] || exit 0

for which in cache broker; do
  password=$(cat "$dir/redis_${which}_password")
  printf 'redis://:%s@redis-%s:6379/0' "$password" "$which" | put "redis_${which}_url" 10001:10001
  printf 'requirepass %s\n' "$password" | put "redis_${which}_auth" 999:1000
done
printf '{"redis://redis-cache:6379": "%s", "redis://redis-broker:6379": "%s"}\n' \
  "$(cat "$dir/redis_cache_password")" "$(cat "$dir/redis_broker_password")" | put redis_exporter_passwords 59000:59000

# The hash has a salt: it is made anew only where it is not one of this password.
user=$(setting OPERATIONS_USER operations)
case $user in "" | *[!A-Za-z0-9._-]*) die "OPERATIONS_USER is '$user'; it may have letters, digits, '.', '_' and '-'" 1 ;; esac
salt=$(sed -n "s/^$user:\$apr1\$\([^\$]*\)\\$.*/\1/p" "$dir/traefik_users" 2>/dev/null || :)
[ -n "$salt" ] || salt=$(openssl rand -hex 4)
printf '%s:%s\n' "$user" "$(openssl passwd -apr1 -salt "$salt" -stdin <"$dir/traefik_password")" | put traefik_users 0:0

# The door of docker-compose.access.yml, in the same way; Traefik, without any capability, reads its own files alone.
salt=$(sed -n 's/^members:$apr1$\([^$]*\)$.*/\1/p' "$dir/access_users" 2>/dev/null || :)
[ -n "$salt" ] || salt=$(openssl rand -hex 4)
printf 'members:%s\n' "$(openssl passwd -apr1 -salt "$salt" -stdin <"$dir/access_password")" | put access_users 0:0

put traefik_access_value 0:0 <"$dir/access_value"

# Given by whoever runs the mail server; empty where there is none.
if [ ! -e "$dir/alert_smtp_password" ]; then : | put alert_smtp_password 65534:65534; fi
if [ "$(id -u)" = 0 ]; then
  # Those that the operator has put there.
  chown 10001:10001 "$dir/app_secret_key" "$dir/access_value"
  chown 472:0 "$dir/grafana_admin_password"
  chown 65534:65534 "$dir/alert_smtp_password"
else
  echo "$program: run by root, this also gives each file to the user of the container that reads it" >&2
fi
chmod 600 "$dir"/[!.]*
