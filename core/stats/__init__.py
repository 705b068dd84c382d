"""Statistics without knowledge of atlases: correlation inference, multiple testing, meta-analysis."""
