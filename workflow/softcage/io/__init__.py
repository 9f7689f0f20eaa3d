"""Trajectories on disk, our own and of others; whole files or none; logs, progress."""
