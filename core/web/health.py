"""Health checks: ``/healthz`` for liveness, ``/readyz`` for readiness."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response

from core import __version__
from core.system.logs import logger

if TYPE_CHECKING:
    from core.services.container import Services
    from core.web.preload import Preload

log = logger(__name__)


class Kernels:
    """Compilation of the kernels in a background thread at startup.

    The raster kernels for large atlases take a few seconds more, and are compiled only if such an atlas exists.
    """

    def __init__(self) -> None:
        self.warm = Event()
        self.error = ""
        self._stopped = Event()

    def start(self, services: Services) -> None:
        """Start the thread; closing the services stops it after the kernel that is being compiled."""
        services.threads.start("warm-kernels", partial(self._warm, services), self._stopped.set)

    def _warm(self, services: Services) -> None:
        try:
            from core.kernels.warm_up import warm_up

            warm_up(self._stopped.is_set)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"
            log.exception("kernels could not be compiled")
        else:
            if self._stopped.is_set():
                return
            self.warm.set()
        try:
            if any(manifest.n_cells > services.settings.raster_above for manifest in services.catalog.manifests()):
                from core.analysis.raster import warm

                warm()
        except Exception:
            log.exception("raster kernels could not be compiled")


def blueprint(services: Services, kernels: Kernels, preload: Preload | None = None) -> Blueprint:
    """Create the blueprint of both routes."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})

    @routes.get("/readyz")
    def readyz() -> Response:
        broken = services.catalog.broken()
        checks = {
            "catalogue": {
                "status": "degraded" if broken else "ok",
                "atlases": len(services.catalog.manifests()),
                "broken": len(broken),
            },
            "redis": _cache(services),
            "kernels": {"status": "failed" if kernels.error else "ok" if kernels.warm.is_set() else "warming"},
        }
        cluster = services.workers.status()
        if cluster is not None:
            # In secure mode without the address of the scheduler.
            checks["cluster"] = {"status": cluster["status"]} if services.settings.secure_mode else cluster
        if preload is not None and services.settings.preload_datasets:
            # Without the name of the atlas that is being read, which may be private.
            checks["preload"] = {name: value for name, value in preload.status().items() if name != "now"}
        ready = is_ready(kernels, preload)
        degraded = any(check["status"] == "degraded" for check in checks.values())
        if kernels.error:
            status = "failed"
        elif not ready:
            status = "starting"
        else:
            status = "degraded" if degraded else "ready"
        body = {"status": status, "checks": checks}
        if not services.settings.secure_mode:
            body["version"] = __version__
        return Response(
            orjson.dumps(body),
            status=200 if ready else 503,
            mimetype="application/json",
            headers={"Cache-Control": "no-store"},
        )

    return routes


def is_ready(kernels: Kernels, preload: Preload | None) -> bool:
    """Check that the kernels are compiled and preloading is over."""
    return kernels.warm.is_set() and (preload is None or preload.over)


def _cache(services: Services) -> dict[str, Any]:
    """Return the status of the cache, without details in secure mode."""
    status = services.cache.status()
    return {"status": status["status"]} if services.settings.secure_mode else status
