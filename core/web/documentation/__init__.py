"""The documentation: its chapters, of which those on commands, API and settings are generated."""
