"""Views: from the address of a page to a figure. Pages, command line and embedded frames share them."""
