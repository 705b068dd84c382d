"""The services of a running application, and cached results of its analyses."""
