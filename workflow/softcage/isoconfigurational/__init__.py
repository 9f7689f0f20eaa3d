"""Isoconfigurational ensembles: runs from one configuration, their files, what is measured."""
