"""What the first figures show, in words for the report of a study and for ``softcage report``."""

TITLES = {
    "structure": "g(r) and S(q)",
    "relaxation": "relaxation",
    "fig01": "mean cage: depth and softness",
    "fig02": "distributions of depth and softness",
    "fig03": "memory of softness",
    "fig04": "softness of rearranging particles",
    "fig05": "rearrangement and softness",
    "fig06": "p_hop of one particle",
    "fig07": "surroundings of rearranging particles",
}
