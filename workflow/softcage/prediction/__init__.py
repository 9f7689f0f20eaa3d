"""Does structure say who rearranges: counts, distributions, Arrhenius lines, variants."""
