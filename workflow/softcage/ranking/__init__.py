"""Ranking of structural predictors, descriptors and learned ones, against propensity and hops."""
