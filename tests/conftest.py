"""No test loads kernels that were compiled from older code."""

from softcage.compiled.caches import drop_stale_kernels


def pytest_sessionstart():
    drop_stale_kernels()
