"""Descriptors: numbers computed from the structure around a particle, such as the cage depth."""
