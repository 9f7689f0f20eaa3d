"""This code beside its peers, each on the same work in the same run: ``make benchmark``."""
