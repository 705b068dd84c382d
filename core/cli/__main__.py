"""``python -m core.cli`` runs ``masldatlas``; the server starts imports in separate processes with it."""

from core.cli import main

main()
