"""The compose files: valid, capped, without rights, published by Traefik alone, and set by what .env.example names."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

DEPLOY = Path(__file__).parents[2] / "deploy"
LOCAL, PROD, ULTRA = (DEPLOY / f"docker-compose{kind}.yml" for kind in ("", ".prod", ".prod-ultra"))
# Added to one of these: a door, a path of another site.
ACCESS, SUBPATH, STRIP = (DEPLOY / f"docker-compose.{kind}.yml" for kind in ("access", "subpath", "subpath-strip"))
FILES = (LOCAL, PROD, ULTRA, ACCESS, SUBPATH, STRIP)
STACKS = {"local": (LOCAL,), "standard": (PROD,), "ultra": (PROD, ULTRA)}
ADDED = {"access": (PROD, ACCESS), "subpath": (LOCAL, SUBPATH), "subpath-strip": (LOCAL, SUBPATH, STRIP)}
IMAGE = re.compile(r"\$\{(\w+):-([^}]+)\}")


def read(path):
    return YAML(typ="safe").load(path.read_text("utf-8"))


def merged(*paths):
    """Join files as compose does, as far as these need it: services and their environments, the rest replaced."""
    services = {}
    for path in paths:
        for name, service in read(path)["services"].items():
            known = services.setdefault(name, {})
            environment = {**known.get("environment", {}), **service.get("environment", {})}
            services[name] = {**known, **service, "environment": environment}
    return services


SERVICES = [(stack, name) for stack, paths in STACKS.items() for name in merged(*paths)]
EVERY = pytest.mark.parametrize(("stack", "name"), SERVICES)


def service(stack, name):
    return merged(*STACKS[stack])[name]


def test_the_schema():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_finds_mistakes(tmp_path):
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(PROD.read_text("utf-8").replace("pids_limit: 64", "pids_limits: 64"), "utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(wrong)]
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 1


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="there is no docker-compose")
@pytest.mark.parametrize("stack", [*STACKS, *ADDED])
def test_compose_reads_them(stack, tmp_path):
    env = tmp_path / "env"
    env.write_text((DEPLOY / ".env.example").read_text("utf-8"), "utf-8")
    files = [part for path in {**STACKS, **ADDED}[stack] for part in ("-f", str(path))]
    command = ["docker-compose", "--project-directory", str(DEPLOY), "--env-file", str(env), *files, "config"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert set(YAML(typ="safe").load(done.stdout)["services"]) >= set(merged(*{**STACKS, **ADDED}[stack])) - {"tools"}


def test_production_needs_a_domain(tmp_path):
    for path in (PROD, ULTRA):
        assert "${DOMAIN:?" in path.read_text("utf-8")


@EVERY
def test_rights(stack, name):
    it = service(stack, name)
    assert it["read_only"] is True
    assert it["cap_drop"] == ["ALL"]
    assert "cap_add" not in it
    assert "privileged" not in it
    assert it["security_opt"] == ["no-new-privileges:true"]
    assert it["pids_limit"] <= 1024


@EVERY
def test_caps(stack, name):
    limits = service(stack, name)["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory"}
    for value in limits.values():
        assert re.fullmatch(r"\$\{[A-Z_]+:-[0-9.]+[gm]?\}", value), value


@EVERY
def test_logs_are_bounded(stack, name):
    logging = service(stack, name)["logging"]
    assert logging["driver"] == "json-file"
    assert set(logging["options"]) == {"max-size", "max-file"}


@EVERY
def test_health(stack, name):
    it = service(stack, name)
    if name == "tools":  # a command, not a service
        assert it["restart"] == "no"
        assert it["profiles"] == ["tools"]
        return
    assert it["restart"] == "unless-stopped"
    assert it["healthcheck"]["interval"] == "15s"
    assert it["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert all(wanted == {"condition": "service_healthy"} for wanted in it.get("depends_on", {}).values())


@EVERY
def test_images_are_pinned(stack, name):
    image = service(stack, name)["image"]
    _, default = IMAGE.fullmatch(image).groups()
    own = {"local": "masldatlas:local"}.get(stack, "masldatlas:current")
    assert default == own or re.search(r":v?\d+\.\d+\.\d+(-\w+)?$", default), default


@EVERY
def test_only_traefik_publishes(stack, name):
    ports = service(stack, name).get("ports", [])
    if stack == "local" and name == "app":
        assert all(port.startswith("127.0.0.1:") for port in ports)
    else:
        assert bool(ports) == (name == "traefik")


@EVERY
def test_who_reaches_the_internet(stack, name):
    files = STACKS[stack]
    networks = {key: told or {} for path in files for key, told in read(path)["networks"].items()}
    assert {key for key, told in networks.items() if not told.get("internal")} <= {"edge", "outbound"}
    mine = set(service(stack, name)["networks"])
    assert mine <= set(networks)
    outside = {"traefik", "tools", "alertmanager"} | ({"app"} if stack == "local" else set())
    assert bool(mine & {"edge", "outbound"}) == (name in outside)


def test_what_the_app_reaches():
    """Of the monitoring only Prometheus, which reads its metrics: not who writes to people, not who sees the engine."""
    it = merged(PROD, ULTRA)
    mine = set(it["app"]["networks"])
    beside = {name for name, other in it.items() if name != "app" and mine & set(other["networks"])}
    assert beside == {
        *("traefik", "tools", "redis-cache", "redis-broker", "redis-exporter", "prometheus"),
        *("dask-scheduler", "dask-worker"),
    }
    assert set(it["alertmanager"]["networks"]) & set(it["prometheus"]["networks"])
    for name in ("cadvisor", "node-exporter", "redis-exporter", "app", "grafana", "traefik"):
        assert set(it[name]["networks"]) & set(it["prometheus"]["networks"]), name
    sockets = {name for name, other in it.items() if any("/var/run" in each for each in other.get("volumes", []))}
    assert sockets == {"cadvisor"}
    assert it["cadvisor"]["networks"] == ["exporters"]


def test_a_cluster_is_a_profile_on_an_internal_network():
    it = merged(PROD)
    for name in ("dask-scheduler", "dask-worker"):
        assert it[name]["profiles"] == ["cluster"]
        assert it[name]["networks"] == ["data"]
    assert read(PROD)["networks"]["data"] == {"internal": True}
    assert all(volume.endswith(":/data:ro") for volume in it["dask-worker"]["volumes"])
    entrypoint = (DEPLOY / "entrypoint.sh").read_text("utf-8")
    assert all(f"{it[name]['command'][0]})" in entrypoint for name in ("dask-scheduler", "dask-worker"))


def test_the_names_that_the_app_answers_to():
    assert merged(PROD)["app"]["environment"]["MASLDATLAS_ALLOWED_HOSTS"].startswith("${DOMAIN:?")


def test_what_the_image_sets_before_it_starts():
    """glibc and Arrow read these before Python runs; the engine starts what has ended."""
    from core.settings.settings import ALLOCATORS

    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    for name, value in (*ALLOCATORS.items(), ("MASLDATLAS_RESTARTS", "0")):
        assert re.search(rf"^ +{name}={value} ", text, re.MULTILINE), name


@pytest.mark.parametrize(
    ("given", "made"),
    [({}, 64), ({"MASLDATLAS_ENV": "production"}, 0), ({"MASLDATLAS_SECRET_KEY": "mine"}, 4),
     ({"MASLDATLAS_SECRET_KEY_FILE": "/run/secrets/key"}, 0)],
)  # fmt: skip
def test_the_container_makes_a_secret_for_one_s_own_machine(tmp_path, given, made):
    """On 0.0.0.0, as inside a container, the known secret of development is refused."""
    (tmp_path / "masldatlas").write_text('#!/bin/sh\nprintf %s "$MASLDATLAS_SECRET_KEY" >"$HOME/key"\n')
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    for name in ("masldatlas", "python"):
        (tmp_path / name).chmod(0o755)
    (tmp_path / "numba" / "kernel").mkdir(parents=True)
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "NUMBA_CACHE_DIR": str(tmp_path / "numba"),
    }
    command = ["sh", str(DEPLOY / "entrypoint.sh"), "serve"]
    subprocess.run(command, env=environment | given, cwd=DEPLOY.parent, check=True, timeout=20)
    assert len((tmp_path / "key").read_text()) == made


def test_what_the_issue_asks_for():
    it = merged(PROD, ULTRA)
    assert set(it) == {
        *("traefik", "app", "tools", "redis-cache", "redis-broker", "prometheus", "alertmanager", "grafana"),
        *("redis-exporter", "node-exporter", "cadvisor", "dask-scheduler", "dask-worker"),
    }

    def limits(name):
        found = it[name]["deploy"]["resources"]["limits"]
        return tuple(re.search(r":-(.+)\}", found[key]).group(1) for key in ("memory", "cpus"))

    assert limits("app") == ("12g", "6")
    assert it["app"]["deploy"]["resources"]["reservations"] == {
        "cpus": "${APP_CPUS_RESERVED:-2}", "memory": "${APP_MEMORY_RESERVED:-4g}"
    }  # fmt: skip
    assert it["app"]["deploy"]["replicas"] == "${APP_REPLICAS:-1}"
    assert limits("redis-cache") == ("4g", "2")
    assert limits("prometheus") == ("2g", "1")
    assert limits("grafana") == ("1g", "0.5")
    assert {"--storage.tsdb.retention.time=${METRICS_RETENTION:-7d}", "--storage.tsdb.wal-compression"} <= set(
        it["prometheus"]["command"]
    )
    assert "/cache:size=${APP_TMPFS:-6g},uid=10001,gid=10001,mode=0700" in it["app"]["tmpfs"]


def test_the_app_has_time_to_stop():
    """What it has begun it finishes, and then it ends the import in progress."""
    from core.ingest.watcher import STOP_SECONDS
    from core.web.server import DRAIN_SECONDS

    for stack in STACKS:
        given = int(service(stack, "app")["stop_grace_period"].removesuffix("s"))
        assert given > DRAIN_SECONDS + 2 * STOP_SECONDS


def test_the_app_s_variables_are_settings():
    """A variable that is no setting stops the app at its start."""
    from core.settings.settings import Settings

    for paths in (*STACKS.values(), *ADDED.values()):
        for name in ("app", "tools"):
            for variable in merged(*paths).get(name, {}).get("environment", {}):
                if variable.startswith("MASLDATLAS_"):
                    field = variable.removeprefix("MASLDATLAS_").lower()
                    assert field in Settings.model_fields or field.removesuffix("_file") in Settings.model_fields


def test_a_cache_leaves_room_for_its_server():
    def size(text):
        return int(text[:-1]) << 10 if text.endswith("g") else int(text.removesuffix("b")[:-1])

    text = PROD.read_text("utf-8")
    for which in ("CACHE", "BROKER"):
        held = re.search(rf"REDIS_{which}_MAXMEMORY:-(\w+)", text).group(1)
        cap = re.search(rf"REDIS_{which}_MEMORY:-(\w+)", text).group(1)
        assert size(held) <= 0.9 * size(cap)


def test_redis_as_it_should_be():
    cache, broker = ((DEPLOY / "redis" / f"{name}.conf").read_text("utf-8") for name in ("cache", "broker"))
    assert "maxmemory-policy allkeys-lru" in cache
    assert "appendonly no" in cache
    assert "maxmemory-policy noeviction" in broker
    assert "appendonly yes" in broker
    for which, text in (("cache", cache), ("broker", broker)):
        assert f"include /run/secrets/redis_{which}_auth" in text
        assert "requirepass" not in text


def test_secrets_are_files_that_the_script_makes():
    script = (DEPLOY / "scripts" / "secrets.sh").read_text("utf-8")
    stacks = (merged(PROD, ULTRA), read(ACCESS)["services"])
    used = {secret for stack in stacks for it in stack.values() for secret in it.get("secrets", [])}
    declared = {**read(PROD)["secrets"], **read(ULTRA)["secrets"], **read(ACCESS)["secrets"]}
    assert used == set(declared)
    for name, told in declared.items():
        assert told == {"file": f"${{SECRETS_DIR:-./secrets}}/{name}"}
        assert name in script or name in {
            "redis_cache_url",
            "redis_cache_auth",
            "redis_broker_url",
            "redis_broker_auth",
        }
    values = [
        (name, value)
        for paths in (*STACKS.values(), *ADDED.values())
        for it in merged(*paths).values()
        for name, value in it["environment"].items()
    ]
    secret = [(name, value) for name, value in values if re.search(r"PASSWORD|SECRET_KEY|_URL$|REDIS", name)]
    assert secret
    for name, value in secret:
        free = value == "${ALERT_WEBHOOK_URL:-}" or re.fullmatch(r"(redis|https)://[\w.${}/-]+(:\d+(/0)?)?", value)
        assert value.startswith("/run/secrets/") or free, f"{name} is {value}"


def test_env_example_names_every_variable_and_its_default():
    example = (DEPLOY / ".env.example").read_text("utf-8")
    told = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    used = {}
    for path in FILES[1:]:
        used.update(dict(re.findall(r"\$\{([A-Z_]+)(?::-([^}]*))?", path.read_text("utf-8"))))
    computed = {"VERSION", "REVISION", "CREATED"}  # by whoever builds
    assert set(used) - set(told) == computed
    assert set(told) - set(used) <= {"OPERATIONS_USER"}  # by secrets.sh
    differ = {"DOMAIN", "ACME_EMAIL", "EMBED_ALLOWED_ORIGINS", "SECURITY_CONTACT"}  # examples, not defaults
    differ |= {"ACME_SERVER", "LOCK", "DASK_SCHEDULER"}
    assert {name: told[name] for name in used if name in told and name not in differ} == {
        name: default for name, default in used.items() if name in told and name not in differ
    }
    assert not re.search(r"(?i)password=\S|secret=\S", example)


def test_the_image_takes_in_what_it_needs_and_nothing_else():
    lines = (DEPLOY.parent / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert not [rule for rule in let_in if not (DEPLOY.parent / rule).exists()]
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == let_in


def test_the_dockerfile():
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert text.index("ARG PYTHON_IMAGE=python:3.11-slim-bookworm") < text.index("FROM ")
    last = text[text.rindex("FROM ") :]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert re.search(r"^STOPSIGNAL SIGTERM$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "org.opencontainers.image.revision" in last
    assert not re.search(r"build-essential|gcc|\bcurl\b", last.split("RUN ", 1)[1].split("COPY", 1)[0])
    assert "--require-hashes" in text
    assert not re.search(r"(?im)^(ARG|ENV) \w*(SECRET|PASSWORD|TOKEN)", text)


@pytest.mark.parametrize("path", sorted((DEPLOY / "scripts").glob("*.sh")), ids=lambda path: path.name)
def test_a_script_can_be_run(path):
    text = path.read_text("utf-8")
    if path.name == "lib.sh":
        assert not os.access(path, os.X_OK), "it is read by the others"
        assert "set -euo pipefail" in text
        return
    assert os.access(path, os.X_OK)
    assert text.startswith("#!")
    assert "set -eu" in text or "/lib.sh" in text
    shell = text.splitlines()[0].split("/")[-1].split()[-1]
    assert subprocess.run([shell, "-n", str(path)], check=False, timeout=20).returncode == 0


def test_below_a_path_traefik_and_the_app_mean_the_same_path():
    app = merged(*ADDED["subpath-strip"])["app"]
    assert app["environment"]["MASLDATLAS_URL_PREFIX"] == "${URL_PREFIX:-/atlas/}"
    kept = read(SUBPATH)["services"]["app"]["labels"]
    assert "PathPrefix(`${URL_PREFIX:-/atlas/}`)" in kept["traefik.http.routers.masldatlas.rule"]
    assert not any("stripprefix" in label for label in kept)
    stripped = read(STRIP)["services"]["app"]["labels"]
    assert stripped["traefik.http.routers.masldatlas.middlewares"] == "masldatlas-strip"
    assert stripped["traefik.http.middlewares.masldatlas-strip.stripprefix.prefixes"] == "${SITE_STRIP:-/atlas}"


def test_the_door_starts_traefik_as_the_standard_stack_does():
    ours, standard = (read(path)["services"]["traefik"]["entrypoint"][2] for path in (ACCESS, PROD))
    filled = 'sed "s|@ACME_EMAIL@|$$ACME_EMAIL|; s|@ACME_SERVER@|$$ACME_SERVER|'
    assert standard.startswith(filled)
    assert filled in ours
    assert ours.endswith("exec traefik --configFile=/tmp/traefik.yml")
    # The static file names the directory that is replaced.
    assert "/etc/traefik/dynamic" in (DEPLOY / "traefik" / "traefik.yml").read_text("utf-8")
