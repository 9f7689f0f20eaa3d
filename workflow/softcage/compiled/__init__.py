"""Compiled kernels: vectors for Numba, the cache of kernels, and their compilation."""
