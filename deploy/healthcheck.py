"""Request ``/healthz`` of the app in this container; exit code 0 if the status is 200. The image has no curl."""

import sys
from http.client import HTTPConnection, HTTPException

SECONDS = 5.0


def main(port: str, path: str = "/healthz") -> int:
    """Send one request; report an error on stderr."""
    connection = HTTPConnection("127.0.0.1", int(port), timeout=SECONDS)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"healthcheck: no answer on port {port} ({error})\n")
        return 1
    finally:
        connection.close()
    if status != 200:  # noqa: PLR2004 - OK; importing http.HTTPStatus would take longer than the rest
        sys.stderr.write(f"healthcheck: {path} answered {status}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
