"""
What the browser's tests share.

`browser`
    an installed Chromium, or a skip that says what is missing
`make_lab`
    starts a JupyterLab server on copies of some notebooks, by default of all of the course's
`lab`
    such a server with the course's notebooks, not trusted: what a fresh clone is

A test opens a notebook with `Tab.opened(lab, browser, "01_threads")`; see `tests/browser/lab.py` for
what a tab can do. Servers and browser live as long as the test file that asked for them: playwright
keeps an event loop in this thread, which must be gone before other tests run kernels of their own.

Every test in this folder is marked `slow` and `browser`, and gets three minutes.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import ARGUMENTS, Lab, chromium
from tests.notebooks.store import NOTEBOOKS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before -m looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.browser)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Start the installed Chromium, without a window."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium is installed: on Debian, apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def make_lab(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Lab]]:
    """Start servers: `make_lab()`, or `make_lab([path, ...])`."""
    with ExitStack() as stack:

        def make(notebooks: list[Path] | None = None) -> Lab:
            paths = sorted(NOTEBOOKS.glob("*.ipynb")) if notebooks is None else notebooks
            return stack.enter_context(Lab(tmp_path_factory.mktemp("lab"), paths))

        yield make


@pytest.fixture(scope="module")
def lab(make_lab: Callable[..., Lab]) -> Lab:
    """Serve the course's notebooks, not trusted."""
    return make_lab()
