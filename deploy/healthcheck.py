"""Ask the app in this container for ``/healthz``: exit code 0 if it answers 200. The image has no curl."""

import sys
from http.client import HTTPConnection, HTTPException

SECONDS = 5.0


def main(port: str, path: str = "/healthz") -> int:
    """Ask once, and say what was wrong."""
    connection = HTTPConnection("127.0.0.1", int(port), timeout=SECONDS)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"healthcheck: no answer on port {port} ({error})\n")
        return 1
    finally:
        connection.close()
    if status != 200:  # noqa: PLR2004 - OK; http.HTTPStatus takes longer to import than all the rest
        sys.stderr.write(f"healthcheck: {path} answered {status}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
