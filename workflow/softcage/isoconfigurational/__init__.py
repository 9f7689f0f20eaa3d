"""Isoconfigurational ensembles: runs from one configuration, their files and the propensity."""
