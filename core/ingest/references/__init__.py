"""Reference data: fetching, reading and installing gene sets, networks, names and orthologs."""
