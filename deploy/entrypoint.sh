#!/bin/sh
# The first process of the container below tini: give the caches a place, say how many CPUs there are, become masldatlas.
set -eu

# Numba writes beside what it reads, and the root is read-only: the kernels compiled at build move to the cache.
mkdir -p "$HOME" "$NUMBA_CACHE_DIR"
if [ -z "$(ls -A "$NUMBA_CACHE_DIR")" ]; then
  cp -R /opt/kernels/. "$NUMBA_CACHE_DIR"
fi

# Libraries count the CPUs of the machine, not those that the container may use; the app itself reads its control group.
cpus=$(python -c 'from core.system.limits import cpu_count; print(cpu_count())')
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$cpus}"
export OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-$cpus}"
export NUMBA_NUM_THREADS="${NUMBA_NUM_THREADS:-$cpus}"

# On one's own machine nobody makes a secret, and the known one is refused on an address that others reach. This one is new
# at each start, and so are the answers in the cache of the local stack. In production the app insists on one.
if [ -z "${MASLDATLAS_SECRET_KEY:-}${MASLDATLAS_SECRET_KEY_FILE:-}" ] && [ "${MASLDATLAS_ENV:-development}" = development ]; then
  MASLDATLAS_SECRET_KEY=$(python -c 'import secrets; print(secrets.token_hex(32))')
  export MASLDATLAS_SECRET_KEY
fi

# A cluster: docker-compose.prod.yml, profile `cluster`. A worker sees the same volume, and has as many threads as CPUs.
case "${1:-}" in
  dask-scheduler)
    exec dask scheduler --host 0.0.0.0 --port 8786 --no-dashboard
    ;;
  dask-worker)
    exec dask worker "$MASLDATLAS_DASK_SCHEDULER" --nworkers 1 --nthreads "$cpus" --memory-limit 0 --no-dashboard \
      --local-directory /tmp --death-timeout 60
    ;;
esac

exec masldatlas "$@"
