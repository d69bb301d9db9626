"""After every test: no thread left, nothing left replaced."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.leaks import Snapshot

# The same examples every time, however slow the computer is today.
settings.register_profile("course", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")


def pytest_configure(config: pytest.Config) -> None:
    """Find nbval's rules wherever pytest is started: nbval itself looks from the current folder only."""
    rules = config.getoption("nbval_sanitize_with", None)
    if rules:
        config.option.nbval_sanitize_with = str(config.rootpath / rules)


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Fail a test that leaves a thread, a stand-in, a handler or a trace function behind."""
    before = Snapshot()
    yield
    leaks = before.leaks()
    before.restore()
    if leaks:
        pytest.fail("left behind:\n  " + "\n  ".join(leaks), pytrace=False)
