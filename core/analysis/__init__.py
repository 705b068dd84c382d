"""Analyses: one question of a biologist, one module. No URL, figure or web framework is known here."""
