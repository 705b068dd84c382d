"""A stand-in for ``docker compose`` and ``docker``, for scripts that are tested without an engine.

Called as ``python _stack.py compose|docker ARGUMENT…``. State lies below ``STACK_ROOT``: ``<service>/`` is ``/data`` of
a service, ``images.json`` says which image a name means, ``calls`` is what was asked for. Commands "inside" a service
run here, with their paths replaced; Redis servers are real, on the ports of ``ports.json``.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(os.environ["STACK_ROOT"])
DEPLOY = Path(__file__).parents[2] / "deploy"


def state(name, change=None):
    path = ROOT / f"{name}.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    if change:
        known.update(change)
        path.write_text(json.dumps(known))
    return known


def here(service, text):
    return text.replace("/etc/redis/", f"{DEPLOY}/redis/").replace("/data", str(ROOT / service))


def inside(service, command):
    port = state("ports").get(service)
    tools = ROOT / "tools"
    tools.mkdir(exist_ok=True)
    if port:
        (tools / "redis-cli").write_text(
            f'#!/bin/sh\nexec /usr/bin/env -u REDISCLI_AUTH "$REAL_REDIS_CLI" -p {port} "$@"\n'
        )
        (tools / "redis-cli").chmod(0o755)
    if command[0] == "python" and "/opt/healthcheck.py" in command:
        return 0 if state("images").get(os.environ.get("CURRENT", "masldatlas:current")) != "bad" else 1
    if command[0] == "masldatlas":
        print("stand-in:", *command)
        return int(os.environ.get("APP_CODE", "0"))
    if command[0] == "python":
        command = [sys.executable, *command[1:]]
    plain = os.environ["PATH"]
    path = f"{tools}:{plain}" if port and "restore.sh" not in " ".join(command) else plain
    environment = {**os.environ, "PATH": path}
    return subprocess.run([here(service, part) for part in command], env=environment, check=False).returncode


def compose(arguments):
    while arguments[0] in {"--project-directory", "--env-file", "-f"}:
        arguments = arguments[2:]
    command, *rest = arguments
    plain = [each for each in rest if not each.startswith("-")]
    match command:
        case "exec":
            return inside(rest[1], rest[2:])
        case "run":  # run --rm --no-deps -T --entrypoint sh SERVICE ARGUMENT…
            return inside(rest[5], ["sh", *rest[6:]])
        case "stop":
            port = state("ports")[plain[0]]
            params = [os.environ["REAL_REDIS_CLI"], "-p", str(port), "shutdown", "nosave"]
            subprocess.run(params, capture_output=True, check=False)
        case "up" if plain and plain[-1] in state("ports"):
            start(plain[-1])
        case "up":
            state("running", {"image": state("images").get("masldatlas:current", "")})
        case "ps":
            print("id-of-app")
    return 0


def start(service):
    append = "yes" if service == "redis-broker" else "no"
    directory = ROOT / service
    directory.mkdir(exist_ok=True)
    options = {
        "port": state("ports")[service],
        "bind": "127.0.0.1",
        "dir": directory,
        "appendonly": append,
        "save": "",
        "repl-diskless-sync-delay": 0,
        "daemonize": "yes",
        "logfile": directory / "log",
    }
    command = ["redis-server", *(str(part) for name, value in options.items() for part in (f"--{name}", value))]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def docker(arguments):
    match arguments:
        case ["build", *_]:
            name = arguments[arguments.index("--tag") + 1]
            state("images", {name: os.environ.get("BUILDS", "good")})
            return 1 if os.environ.get("BUILDS") == "fails" else 0
        case ["tag", old, new]:
            state("images", {new: state("images")[old]})
        case ["pull", *_]:
            return 1 if arguments[-1] == os.environ.get("ABSENT") else 0
        case ["image", "inspect", "--format", form, image] if "RepoDigests" in form:
            repository = image.rpartition(":")[0]
            print(f"{repository}@sha256:{hashlib.sha256(image.encode()).hexdigest()}")
        case ["image", "inspect", *_]:
            known = state("images").get(arguments[-1])
            print(known or "")
            return 0 if known else 1
        case ["inspect", *_]:
            health = "unhealthy" if state("running").get("image") == "bad" else "healthy"
            form = arguments[2]
            print(f"/app|running|{health}|0|false" if "|" in form else f"/app running {health}")
        case ["stats", *_]:
            print("1GiB / 2GiB, 3%")
    return 0


if __name__ == "__main__":
    kind, *given = sys.argv[1:]
    with (ROOT / "calls").open("a") as calls:
        calls.write(f"{kind} {' '.join(given)}\n")
    sys.exit({"compose": compose, "docker": docker}[kind](given))
