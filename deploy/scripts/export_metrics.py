"""Query ranges from Prometheus and print them as CSV: ``python export_metrics.py URL SECONDS STEP QUERY…``."""

import csv
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

TIMEOUT = 60


def rows(url: str, span: int, step: int, query: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield time, query, series and value of each point, series by series."""
    now = int(time.time())
    parameters = urlencode({"query": query, "start": now - span, "end": now, "step": step})
    with urlopen(f"{url}/api/v1/query_range?{parameters}", timeout=TIMEOUT) as answer:  # noqa: S310 - the operator's Prometheus
        found = json.load(answer)["data"]["result"]
    for series in found:
        labels = dict(series["metric"])
        name = labels.pop("__name__", "")
        labelled = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        for at, value in series["values"]:
            yield f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}", query, f"{name}{{{labelled}}}", value


def main(url: str, span: str, step: str, *queries: str) -> int:
    """Print the results of all queries, or an error on stderr."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("time", "query", "series", "value"))
    for query in queries:
        try:
            table.writerows(rows(url, int(span), int(step), query))
        except HTTPError as error:
            try:
                reason = json.loads(error.read()).get("error", error.reason)
            except ValueError:
                reason = error.reason
            sys.stderr.write(f"export-metrics: {query}: {reason}\n")
            return 1
        except (URLError, OSError, ValueError) as error:
            sys.stderr.write(f"export-metrics: {url} does not respond ({getattr(error, 'reason', error)})\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
