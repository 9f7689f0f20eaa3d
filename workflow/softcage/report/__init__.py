"""The results of a study on one page, and the tables of the documentation."""
