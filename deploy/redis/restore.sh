#!/bin/sh
# Put a snapshot (an RDB file, from standard input) into the directory of a Redis server that does not run.
#   restore.sh DIRECTORY yes|no     whether the server keeps an append-only file
# A server with an append-only file reads that and no snapshot, so one is made from the snapshot.
set -eu
[ $# = 2 ] && [ -d "$1" ] || { echo "restore: needs a directory, and yes or no" >&2; exit 2; }
dir=$1
new=$dir/restore.rdb
trap 'rm -f "$new"' EXIT
cat >"$new"
if ! said=$(redis-check-rdb "$new" 2>&1); then
  echo "restore: this is no snapshot of Redis: $(echo "$said" | tail -n 1)" >&2
  exit 1
fi
rm -rf "$dir/appendonlydir" "$dir/appendonly.aof"
mv "$new" "$dir/dump.rdb"
[ "$2" = yes ] || exit 0

socket=$dir/restore.sock
redis-server --port 0 --unixsocket "$socket" --dir "$dir" --dbfilename dump.rdb --appendonly no --save "" \
  --loglevel warning --daemonize no >/dev/null &
server=$!
ask() { redis-cli -s "$socket" "$@" 2>/dev/null | tr -d '\r'; }
turns=0
until [ "$(ask ping)" = PONG ]; do
  turns=$((turns + 1))
  if [ $turns -gt 1200 ] || ! kill -0 $server 2>/dev/null; then
    echo "restore: a server does not take this snapshot" >&2
    exit 1
  fi
  sleep 0.1
done
ask config set appendonly yes >/dev/null
while ask info persistence | grep -qE '^aof_rewrite_(in_progress|scheduled):1'; do sleep 0.1; done
ask info persistence | grep -q '^aof_last_bgrewrite_status:ok' || { echo "restore: the append-only file cannot be written" >&2; exit 1; }
ask shutdown nosave >/dev/null || :
wait $server || :
