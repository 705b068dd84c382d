"""Workers of a real Dask cluster: a scheduler and two processes on loopback that see the same disk."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import flask
import pytest

from core.analysis.contrasts import MarkersParams
from core.analysis.correlation import CorrelationParams, correlates
from core.analysis.markers import markers
from core.atlas.catalog import Catalog
from core.compute.abandonment import Abandoned, client_gone
from core.compute.dask_cluster import DaskWorkers
from core.compute.executor import Workers
from core.compute.workers import open_workers
from core.errors import InvalidSettings
from core.services.container import Services
from core.settings.settings import load
from core.system.threads import pool
from core.web import health
from tests.core.web.conftest import imported, tiny
from tests.redis_servers import free_port, until
from tests.slow_blocks import fails, slow_nonzeros

ROOT = Path(__file__).parents[3]


class Cluster:
    """A scheduler and its workers, as processes."""

    def __init__(self, folder):
        self.folder, self.port, self.processes = folder, free_port(), []
        self.address = f"tcp://127.0.0.1:{self.port}"

    def scheduler(self):
        return self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def worker(self):
        options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
        return self._start("worker", self.address, *options, "--local-directory", str(self.folder))

    def _start(self, kind, *arguments):
        command = [sys.executable, "-m", "distributed.cli.dask_" + kind, *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        with (self.folder / "log").open("ab") as log:
            self.processes.append(subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log))
        return self.processes[-1]

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.scheduler()
    made.worker()
    made.worker()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    data = tmp_path_factory.mktemp("dask") / "data"
    source = tiny(data.parent / "liver.h5ad", n_cells=300, genes=[f"G{at}" for at in range(120)])
    imported(data, source, species="human", name="liver")
    return Catalog(data).get("human/liver")


@contextmanager
def connected(address, n_workers=2):
    workers = DaskWorkers(pool("genes", 2), address, watch=0.2)
    try:
        if n_workers:
            until(lambda: workers.status() == {"status": "ok", "workers": n_workers}, "all workers", seconds=30)
        yield workers
    finally:
        workers.close()


@pytest.mark.slow(representative=True)
def test_answers_are_those_of_threads_to_the_last_bit(cluster, atlas, monkeypatch):
    threads = Workers(pool("genes", 2))
    asked = [
        (correlates, CorrelationParams(gene="G0", method="spearman")),
        (correlates, CorrelationParams(gene="G3", method="pearson")),
        (markers, MarkersParams(by="CellType")),
    ]
    with connected(cluster.address) as workers:
        monkeypatch.setattr(Workers, "over_genes", threads_of(Workers.over_genes, allowed=threads))
        for analysis, params in asked:
            assert analysis(atlas, params, workers).equals(analysis(atlas, params, threads))
    threads.close()


def threads_of(over_genes, allowed):
    def only(self, *arguments):
        assert self is allowed, "threads computed instead of the cluster"
        return over_genes(self, *arguments)

    return only


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_a_retry(atlas, tmp_path, monkeypatch):
    cluster = Cluster(tmp_path)
    cluster.scheduler()
    victim = cluster.worker()
    cluster.worker()
    notes = tmp_path / "notes"
    notes.mkdir()
    task = partial(slow_nonzeros, folder=str(notes), seconds=0.3)
    found = []
    try:
        with connected(cluster.address) as workers:
            monkeypatch.setattr(Workers, "over_genes", lambda *_: pytest.fail("threads computed"))
            asking = Thread(target=lambda: found.extend(workers.over_genes(task, atlas, "expression", 12)))
            asking.start()
            until(lambda: any(note.name.endswith(f"-{victim.pid}") for note in notes.iterdir()), "a block", seconds=30)
            victim.send_signal(signal.SIGKILL)
            asking.join(60)
            assert sum(found) == atlas.manifest.layer("expression").n_nonzero
            until(lambda: workers.status() == {"status": "ok", "workers": 1}, "a worker", seconds=30)
    finally:
        cluster.stop()


@pytest.mark.slow
def test_a_scheduler_that_dies_and_comes_back(atlas, tmp_path):
    cluster = Cluster(tmp_path)
    expected = atlas.manifest.layer("expression").n_nonzero
    notes = tmp_path / "notes"
    notes.mkdir()
    task = partial(slow_nonzeros, folder=str(notes), seconds=0.0)
    try:
        with connected(cluster.address, n_workers=0) as workers:
            # Away from the start.
            assert sum(workers.over_genes(task, atlas, "expression")) == expected
            status = workers.status()
            assert status["status"] == "degraded"
            assert status["scheduler"] == cluster.address
            assert "scheduler is away" in status["detail"]
            scheduler, _ = cluster.scheduler(), cluster.worker()
            until(lambda: workers.status() == {"status": "ok", "workers": 1}, "a worker", seconds=40)
            for note in notes.iterdir():
                note.unlink()
            assert sum(workers.over_genes(task, atlas, "expression")) == expected
            assert not any(note.name.endswith(f"-{os.getpid()}") for note in notes.iterdir())
            scheduler.kill()
            assert sum(workers.over_genes(task, atlas, "expression")) == expected
            until(lambda: workers.status()["status"] == "degraded", "notice", seconds=30)
    finally:
        cluster.stop()


@pytest.mark.slow
def test_an_error_of_a_task_is_its_own(cluster, atlas):
    with connected(cluster.address) as workers, pytest.raises(ZeroDivisionError, match="block"):
        workers.over_genes(fails, atlas, "expression")


@pytest.mark.slow
def test_blocks_end_when_nobody_waits(cluster, atlas, tmp_path):
    task = partial(slow_nonzeros, folder=str(tmp_path), seconds=0.2)
    with connected(cluster.address) as workers:
        token = client_gone.set(lambda: any(tmp_path.iterdir()))
        try:
            with pytest.raises(Abandoned):
                workers.over_genes(task, atlas, "expression", 40)
        finally:
            client_gone.reset(token)
        time.sleep(0.6)
        begun = len(list(tmp_path.iterdir()))
        assert 0 < begun < 20
        time.sleep(0.5)
        assert len(list(tmp_path.iterdir())) == begun


def test_readyz_names_a_scheduler_that_is_away(tmp_path, monkeypatch):
    monkeypatch.setattr("core.compute.dask_cluster.CONNECT", 0.5)
    address = f"tcp://127.0.0.1:{free_port()}"
    services = Services.of(load(data_dir=tmp_path, dask_scheduler=address))
    kernels = health.Kernels()
    kernels.warm.set()
    server = flask.Flask("health")
    server.register_blueprint(health.blueprint(services, kernels))
    try:
        answer = server.test_client().get("/readyz").json
        assert answer["status"] == "degraded"
        assert answer["checks"]["cluster"]["scheduler"] == address
        assert answer["checks"]["cluster"]["detail"].endswith("threads compute")
    finally:
        services.close()


def test_a_cluster_needs_its_extra(tmp_path, monkeypatch):
    monkeypatch.setattr("core.compute.dask_cluster.find_spec", lambda _name: None)
    with pytest.raises(InvalidSettings, match="distributed is not installed"):
        open_workers(load(data_dir=tmp_path, dask_scheduler="tcp://127.0.0.1:8786"))
