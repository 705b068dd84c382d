"""Views for the pages of others: what an address says of a frame, its figure, its controls, its poster."""
