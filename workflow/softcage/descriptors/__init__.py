"""One number a particle from the structure around it: the cage, and what others look at."""
