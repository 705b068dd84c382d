#!/usr/bin/env bash
# Forget computed answers; each is computed anew when it is asked for.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'TEXT'
usage: deploy/scripts/flush-cache.sh [SPECIES/NAME]

Deletes what is remembered of one atlas, or of all. Never needed after an import: what changes an answer changes its
key. Exit code 0: done; 1: the cache does not answer; 2: called wrongly.
TEXT
}

[ $# -le 1 ] || misuse "one atlas at a time"
case ${1:-} in -h | --help) usage; exit 0 ;; -*) misuse "$1 is not an option" ;; esac
code=0
within app masldatlas cache flush "$@" || code=$?
case $code in 0) ;; 2) exit 2 ;; *) die "the app does not run, or its cache does not answer; see deploy/scripts/status.sh" ;; esac
