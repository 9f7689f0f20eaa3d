"""Molecular dynamics: forces, integration, runs from the melt to the frames, checkpoints."""
