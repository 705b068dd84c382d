"""The simulated MASLD liver: what the demo atlases contain, and how their counts are drawn.

::

    cell_types   which cells a liver has, and how many of each in health and disease
    programs/    which genes they express: markers, zonation, co-expression modules, disease programmes
    orthologs    the names of those genes in mouse and zebrafish
    blueprint    the tables above as arrays, on the genes of one species
    donors       the 16 animals or people: group, sex, histology, severity
    simulate     negative-binomial counts of n cells

Everything here is SIMULATED. The tables carry what the literature reports, the numbers are chosen, nothing is measured.
"""
