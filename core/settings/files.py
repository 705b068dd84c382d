"""Settings that lie in files, as container engines hand over secrets: ``MASLDATLAS_SECRET_KEY_FILE=/run/secrets/…``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SUFFIX: Final = "_FILE"
# No setting is as long; a large file named by mistake is not read whole.
MAX_BYTES: Final = 64 * 1024


def from_files(
    environment: Mapping[str, str], prefix: str, fields: Collection[str]
) -> tuple[dict[str, str], list[str], set[str]]:
    """Read every setting that a variable ``<PREFIX><FIELD>_FILE`` names a file for.

    Parameters
    ----------
    environment
        All variables; an empty one counts as not set.
    prefix
        Of the variables that are settings.
    fields
        The names of the settings.

    Returns
    -------
    values, problems, names
        The text of each file by its field, without the line end; what is wrong, each a sentence without its full stop;
        the variables that are understood here. What a file holds is in no problem: it may be a secret.
    """
    values: dict[str, str] = {}
    problems: list[str] = []
    names: set[str] = set()
    given = {name.upper() for name, value in environment.items() if value}
    for name, where in sorted(environment.items()):
        field = name.upper().removeprefix(prefix).removesuffix(SUFFIX).lower()
        if not name.upper().startswith(prefix) or not name.upper().endswith(SUFFIX) or field not in fields:
            continue
        names.add(name)
        if not where:
            continue
        if f"{prefix}{field.upper()}" in given:
            problems.append(f"{name} and {prefix}{field.upper()} are both set; unset one of them")
            continue
        try:
            with Path(where).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
            text = content.decode().rstrip("\r\n")
        except OSError as error:
            problems.append(f"{name} names {where!r}, which cannot be read ({(error.strerror or str(error)).lower()})")
        except UnicodeDecodeError:
            problems.append(f"{name} names {where!r}, which is no text")
        else:
            if len(content) > MAX_BYTES or not text or "\n" in text:
                problems.append(f"{name} names {where!r}, which must hold one line, the value of the setting")
            else:
                values[field] = text
    return values, problems, names
