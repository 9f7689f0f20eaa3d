"""The mean-field cage: of the average liquid, of single particles; depth and softness."""
