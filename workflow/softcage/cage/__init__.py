"""The mean-field cage of the average liquid and of single particles: its depth and softness."""
