"""Routes other than pages: health, API, arrays, rasters and embedded frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.web import arrays, health, rasters, security_txt
from core.web.api import (
    between_species,
    cells,
    correlations,
    datasets,
    differences,
    figures,
    genes,
    groups,
    markers,
    meaning,
    openapi,
    orthologs,
    scores,
    selections,
    species,
)
from core.web.embed import frame, oembed

if TYPE_CHECKING:
    from flask import Flask

    from core.services.container import Services
    from core.web.health import Kernels
    from core.web.preload import Preload

BLUEPRINTS = (
    correlations.blueprint,
    markers.blueprint,
    groups.blueprint,
    differences.blueprint,
    meaning.blueprint,
    between_species.blueprint,
    scores.blueprint,
    cells.blueprint,
    selections.blueprint,
    figures.blueprint,
    genes.blueprint,
    orthologs.blueprint,
    species.blueprint,
    openapi.blueprint,
    datasets.blueprint,
    arrays.blueprint,
    rasters.blueprint,
    frame.blueprint,
    oembed.blueprint,
)


def register(server: Flask, services: Services, kernels: Kernels, preload: Preload) -> None:
    """Register every blueprint with the services of the application."""
    server.register_blueprint(security_txt.blueprint(services.settings))
    server.register_blueprint(health.blueprint(services, kernels, preload))
    for blueprint in BLUEPRINTS:
        server.register_blueprint(blueprint(services))
