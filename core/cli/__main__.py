"""``python -m core.cli`` is ``masldatlas``: how the server starts an import in a process of its own."""

from core.cli import main

main()
