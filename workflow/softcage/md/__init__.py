"""Molecular dynamics: forces, integration, a run from melt to frames, its checkpoints."""
