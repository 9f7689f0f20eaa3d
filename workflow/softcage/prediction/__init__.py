"""Does structure say who rearranges: counts, Arrhenius lines, other readings of the paper."""
