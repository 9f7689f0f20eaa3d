"""Pair structure of a mixture: g(r), S(q), and whether it is still a liquid."""
