"""Views as files: source data, Plotly's JSON, SVG, PNG, PDF, and all of them in a zip."""
