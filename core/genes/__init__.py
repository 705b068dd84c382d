"""Gene lists, gene-set libraries, orthologs and example genes."""
