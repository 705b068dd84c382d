"""The services of a running application, and the memoized answers to questions."""
