"""Which cells a view shows: the selection model, its masks and lasso polygons."""
