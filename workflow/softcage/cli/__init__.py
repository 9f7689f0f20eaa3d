"""The command ``softcage``."""
