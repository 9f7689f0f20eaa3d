"""Softness around rearrangements: before and after, beside controls, and of neighbours."""
