"""The paper that the study reproduces: its claims, and verdicts on them."""
