"""The outcome of a study on one page."""
