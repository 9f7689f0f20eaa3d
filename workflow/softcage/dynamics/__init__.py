"""Relaxation, rearrangements, and how long softness lasts."""
