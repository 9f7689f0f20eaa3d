"""How well structure predicts which particles rearrange: counts, distributions, Arrhenius lines."""
