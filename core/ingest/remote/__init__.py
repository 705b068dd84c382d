"""Fetching a published atlas: a download that can be taken up again, its checksum, the ordinary import."""
