"""Pair structure of a mixture, g(r) and S(q), and a check for crystallisation."""
