"""Export of figures: source data, Plotly's JSON, SVG, PNG, PDF, EPS, and all of them in a zip."""
