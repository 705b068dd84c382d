"""Views: the way from the address of a page to a figure, shared by pages, command line and embedded frames."""
