"""Descriptors: what the structure around a particle says of it, the cage and other measures."""
