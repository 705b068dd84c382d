"""The chapters that are generated: commands from click, the API from `OPERATIONS`, settings from `Settings`.

Each function returns Markdown, with a heading of level 2 for each command, route and setting.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, Final, cast

import click

from core.settings.settings import Settings, variable
from core.web.api.openapi import PLACEHOLDER, WORDS
from core.web.api.operations import OPERATIONS
from core.web.api.parameters import SELECTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from core.web.api.operations import Operation, Schema

PROGRAM: Final = "masldatlas"
_MARKUP: Final = re.compile(r"[\\<*\[~$]")
_ADDRESS: Final = re.compile(r"\w+(?:://|@)[^\s,;]+")
SELECTING: Final = " ".join(f"`{name}`" for name in SELECTION)
# Defaults that a machine decides, or that must not be printed.
DEFAULTS: Final = {
    "data_dir": "the data directory of the user, as the operating system names it",
    "cache_size": "`512MB`",
    "secret_key": "a well-known one, which `production` refuses",
}


def commands(group: click.Group) -> str:
    """Describe every command of the command line that is not hidden."""
    context = _context(group, PROGRAM)
    return "\n\n".join(_commands(group, context))


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    """Make the context that click itself would make: a command keeps the names of its help option from the first."""
    return click.Context(command, info_name=name, parent=parent, **command.context_settings)  # pyright: ignore[reportArgumentType] - click's own


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    yield _command(command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _commands(below, _context(below, name, context))


def _command(command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"## `{context.command_path}`", inspect.cleandoc(command.help or "")]
    lines.append(f"```text\n{context.command_path} {usage}\n```")
    options = [_option(each, context) for each in command.params if isinstance(each, click.Option) and not each.hidden]
    return "\n\n".join([*lines, "\n".join(options)]).rstrip()


def _option(option: click.Option, context: click.Context) -> str:
    """One option in a line; click itself words names, values and default."""
    record = option.get_help_record(context)
    names, words = record or (", ".join(option.opts), "")
    return f"- `{names}`: {_text(words)}" if words else f"- `{names}`"


def operations() -> str:
    """Describe every route of the API with its parameters, and first those that select cells, which many share."""
    selection = "\n".join(f"- `{name}`: {_text(WORDS[name])}." for name in SELECTION)
    shared = f"## Parameters that select cells\n\n{selection}"
    return "\n\n".join([shared, *(_operation(each) for each in OPERATIONS)])


def _operation(operation: Operation) -> str:
    lines = [f"## `{operation.rule}`", f"{operation.summary}."]
    names = [*PLACEHOLDER.findall(operation.rule), *operation.parameters]
    parameters = [_parameter(operation, name) for name in names if not (operation.selects and name in SELECTION)]
    if operation.selects:
        parameters.append(f"- {SELECTING}, to select cells; each may be repeated.")
    if operation.page:
        parameters.append(f"- the parameters of the page: {_lower(WORDS['page'])}.")
    if operation.media:
        lines.append(f"Answers {', '.join(f'`{kind}`' for kind in operation.media)}.")
    elif len(operation.formats) > 1:
        lines.append(f"Answers {', '.join(f'`{form}`' for form in operation.formats)}.")
    return "\n\n".join([*lines, "\n".join(parameters)]).rstrip()


def _parameter(operation: Operation, name: str) -> str:
    marks = ["required"] if name in operation.needs else []
    marks += _limits(operation.own.get(name, {}))
    if name == "format":
        marks += [*(f"`{form}`" for form in operation.formats), "default `json`"]
    said = f" ({', '.join(marks)})" if marks else ""
    return f"- `{name}`{said}: {_text(WORDS[name])}."


def _limits(schema: Schema) -> list[str]:
    """What a schema of a parameter allows, in words; long lists of values are left to `openapi.json`."""
    found: list[str] = []
    values = cast("list[str]", schema.get("enum", []))
    if 0 < len(values) <= 8:  # noqa: PLR2004 - more is no longer a sentence
        found += [" or ".join(f"`{value}`" for value in values)]
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        found.append(f"{low:,} to {high:,}")
    if "default" in schema:
        found.append(f"default {schema['default']:,}")
    return found


def settings() -> str:
    """Describe every setting: its meaning, its default, and what its value must be."""
    return "\n\n".join(_setting(name, each) for name, each in Settings.model_fields.items())


def _setting(name: str, field: FieldInfo) -> str:
    return (
        f"## `{variable(name)}`\n\n{field.title}.\n\n"
        f"- Default: {DEFAULTS.get(name) or _default(field)}.\n- Value: {_text(field.description or '')}."
    )


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default()
    if value is None or value == ():
        return "not set"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _text(words: str) -> str:
    """Plain text as Markdown that shows the same; examples of addresses are set as code, and so are no links."""
    escaped = _MARKUP.sub(r"\\\g<0>", words)
    return _ADDRESS.sub(r"`\g<0>`", escaped).rstrip(".")


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
