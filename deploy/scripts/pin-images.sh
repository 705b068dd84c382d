#!/usr/bin/env bash
# Write the digest of each image into deploy/.env, so that a tag that is moved changes nothing here.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
  cat <<'TEXT'
usage: deploy/scripts/pin-images.sh [--refresh | --check]

For each image of the compose files and of the Dockerfile that has no digest yet, it pulls the tag and writes a line such
as REDIS_IMAGE=redis:7.4.9-alpine@sha256:… into deploy/.env. The image of the app itself is built here and has none.
  --refresh   look the digests of all images up again
  --check     change nothing, and say which images have no digest
Exit code 0: each image has a digest; 1: one has none; 2: called wrongly, or something that it needs is missing.
TEXT
}

refresh=
check=
while [ $# -gt 0 ]; do
  case $1 in
    --refresh) refresh=yes ;;
    --check) check=yes ;;
    -h | --help) usage; exit 0 ;;
    *) misuse "$1 is not an option" ;;
  esac
  shift
done
[ -n "$check" ] || need "$DOCKER"
[ -r "$env_file" ] || die "there is no $env_file; copy deploy/.env.example to it" 2

# NAME_IMAGE and its default, of every file that names images; the app's own is made here.
images() {
  sed -nE 's/.*\$\{([A-Z_]+_IMAGE):-([^}]+)\}.*/\1 \2/p' "$deploy"/docker-compose*.yml | grep -v '^MASLDATLAS_IMAGE ' | sort -u
}

missing=0
while read -r name default; do
  image=$(setting "$name" "$default")
  case $image in
    *@sha256:*) [ -n "$refresh" ] || continue ;;
  esac
  if [ -n "$check" ]; then
    echo "$name $image has no digest" >&2
    missing=1
    continue
  fi
  tag=${image%%@*}
  "$DOCKER" pull --quiet "$tag" >/dev/null || die "$tag cannot be pulled, so its digest is not known; set $name to an image with its digest"
  digest=$("$DOCKER" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$tag" | sed -n 's/.*@\(sha256:[0-9a-f]\{64\}\)$/\1/p' | head -n 1)
  [ -n "$digest" ] || die "the engine knows no digest of $tag; set $name to an image with its digest"
  kept=$(grep -v "^$name=" "$env_file" || :)
  printf '%s\n%s=%s@%s\n' "$kept" "$name" "$tag" "$digest" >"$env_file.new"
  # Into the file that is there: its owner and mode stay.
  cat "$env_file.new" >"$env_file"
  rm -f "$env_file.new"
  echo "$program: $name $tag $digest" >&2
done < <(images)
exit "$missing"
