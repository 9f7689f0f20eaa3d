"""Trajectories of softcage and of other programs; atomic files; logs and progress."""
