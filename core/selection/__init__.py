"""Selection of cells: the model, its masks and lasso polygons."""
