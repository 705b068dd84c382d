"""Fetching a published atlas: resumable download, checksum, import."""
