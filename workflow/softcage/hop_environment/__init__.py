"""Softness before and after rearrangements, compared with controls, and that of neighbours."""
