"""Does structure say which particles rearrange: counts, distributions, Arrhenius lines."""
