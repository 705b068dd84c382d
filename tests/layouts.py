"""What a Dash layout holds: its components, and its words."""

from dash.development.base_component import Component


def parts(node):
    """Yield each component of a layout."""
    if isinstance(node, Component):
        yield node
        yield from parts(getattr(node, "children", None))
    elif isinstance(node, (list, tuple)):
        for each in node:
            yield from parts(each)


def text(node, between=""):
    """Return the words of a layout, with something between siblings."""
    if isinstance(node, Component):
        return text(getattr(node, "children", None), between)
    if isinstance(node, (list, tuple)):
        return between.join(text(each, between) for each in node)
    return "" if node is None else str(node)
