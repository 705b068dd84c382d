"""Tables as text and as spreadsheets."""
