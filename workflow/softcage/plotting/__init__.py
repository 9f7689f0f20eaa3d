"""Figures: a common style, and panels that record their points with symbols and units."""
