"""The figures: one style, panels that remember their points, symbols and units."""
