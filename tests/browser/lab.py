"""
Drive a real JupyterLab in a real browser.

`Lab` is a server of its own: its own folder of notebooks, settings, workspaces and trust, a free port,
gone when it is closed. `Tab` is one notebook open in one browser tab:

    >>> with Lab(folder, paths) as lab, Tab.opened(lab, browser, "01_threads") as tab:
    ...     tab.run_all()
    ...     tab.errors()
    []

Cells are counted from 0, markdown included. Every wait is bounded: a page that doesn't get there
raises playwright's TimeoutError.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Locator, Page

__all__ = ["ARGUMENTS", "DARK", "LIGHT", "Lab", "Tab", "chromium"]

LIGHT: Final = "JupyterLab Light"
DARK: Final = "JupyterLab Dark"

ARGUMENTS: Final = (
    "--no-sandbox",  # Chromium refuses to run as root with it, and CI is root
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

BOX: Final = "Error displaying widget"
LOADING: Final = "Loading widget..."
TALLEST: Final = 15_000
"""Pixels that Chromium draws at once; it gives up at 16,384."""
_STILL: Final = 5
"""How many times in a row, 0.1 s apart, nothing may have moved before a notebook counts as laid out."""
START: Final = 60.0
"""Seconds that JupyterLab gets to start, and a notebook to open."""

# What the window's own application knows of the notebook in front; the server exposes it to us.
_PANEL: Final = "window.jupyterapp?.shell?.currentWidget"


def chromium() -> str | None:
    """Find an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Lab:
    """
    A JupyterLab server for a test.

    Args:
        folder: an empty folder for all that it needs and writes.
        notebooks: paths of notebooks; copies of them are what is opened.

    Attributes:
        notebooks: the folder the copies are in.
        url: where it answers, with a slash at the end.
        token: what it wants to be told.
    """

    def __init__(self, folder: Path, notebooks: list[Path]) -> None:
        self.folder = folder
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir(parents=True)
        for path in notebooks:
            shutil.copy(path, self.notebooks)
        self.url = ""
        self.token = "for-tests-only"
        self.settings = folder / "settings"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON"))},
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),  # whom it trusts, too
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(self.settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "JUPYTER_PREFER_ENV_PATH": "1",  # this environment's kernel, not the user's
            "IPYTHONDIR": str(folder / "ipython"),
        }
        # JupyterLab asks once whether to fetch news; a test neither answers nor fetches.
        self.set("@jupyterlab/apputils-extension", "notification", fetchNews="false", checkForUpdates=False)
        self.server: subprocess.Popen[bytes] | None = None

    def set(self, extension: str, name: str, **values: object) -> None:
        """Change a setting; pages opened from now on have it."""
        path = self.settings / extension / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")

    def theme(self, name: str) -> None:
        """Choose `LIGHT` or `DARK` for pages opened from now on."""
        self.set("@jupyterlab/apputils-extension", "themes", theme=name)

    def trust(self, name: str) -> None:
        """Trust a notebook, as its reader would once they have run it."""
        subprocess.run(
            [
                sys.executable, "-c", "from nbformat.sign import TrustNotebookApp as app; app.launch_instance()",
                str(self.path(name)),
            ],
            env=self.environment, check=True, timeout=START, stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip

    def path(self, name: str) -> Path:
        """Tell where the copy of a notebook lies."""
        return self.notebooks / f"{name}.ipynb"

    def __enter__(self) -> Self:
        with (self.folder / "server.log").open("wb") as log:
            self.server = subprocess.Popen(
                [
                    sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser",
                    "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.root_dir={self.notebooks}",
                ],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            self._wait_for_address()
        except BaseException:
            self.close()
            raise
        return self

    def _wait_for_address(self) -> None:
        assert self.server is not None
        until = time.monotonic() + START
        while time.monotonic() < until and self.server.poll() is None:
            for path in (self.folder / "runtime").glob("jpserver-*.json"):
                try:
                    self.url = str(json.loads(path.read_text(encoding="utf-8"))["url"])
                    self.ask("status")
                    return
                except (OSError, ValueError):
                    pass  # half written, or not listening yet
            time.sleep(0.05)
        raise RuntimeError(f"JupyterLab did not start:\n{(self.folder / 'server.log').read_text(errors='replace')}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, path: str, method: str = "GET") -> Any:
        """Ask the server's own interface for what is at a path."""
        request = urllib.request.Request(
            f"{self.url}api/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=START) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def end_kernels(self) -> None:
        """End every kernel, so that the next tab gets a fresh one."""
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")

    def close(self) -> None:
        """End the server and its kernels; returns when they are gone."""
        if self.server is None:
            return
        server, self.server = self.server, None
        server.terminate()  # it shuts its kernels down
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(5)


class Tab:
    """
    A notebook in a browser tab.

    Attributes:
        page: playwright's page, for all that has no helper here.
        complaints: exceptions that the page's own code let through.
    """

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @classmethod
    @contextmanager
    def opened(
        cls, lab: Lab, browser: "Browser", name: str, *, idle: bool = True, width: int = 1300, height: int = 1000
    ) -> Iterator[Self]:
        """
        Open a notebook, wait until its kernel is idle, and close the tab and end the kernel afterwards.

        Args:
            lab: the server.
            browser: playwright's browser; the tab has cookies and a workspace of its own.
            name: the notebook's, without its suffix.
            idle: whether to wait for the kernel; one whose kernel JupyterLab asks for has none.
            width: of the window, in CSS pixels.
            height: likewise.
        """
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(START * 1000)
        try:
            tab = cls(context.new_page())
            tab.page.goto(f"{lab.url}lab/tree/{name}.ipynb?reset&token={lab.token}")
            tab.page.wait_for_function(f"{_PANEL}?.context?.isReady && {_PANEL}?.content?.widgets.length > 0")
            tab.page.locator(".jp-NotebookPanel-notebook").wait_for()
            if idle:
                tab.wait_idle()
            yield tab
        finally:
            context.close()
            lab.end_kernels()

    def wait_idle(self, timeout: float = START) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_function(
            f"{_PANEL}.sessionContext.session?.kernel?.status === 'idle'", timeout=timeout * 1000
        )

    def run_all(self, timeout: float = 120) -> None:
        """Choose Run All Cells, and wait until the last has run."""
        self.command("notebook:run-all-cells", timeout)
        self.wait_idle()

    def run(self, cell: int, timeout: float = 60) -> None:
        """Run one cell, and wait until it has run."""
        self.page.evaluate(f"number => {{ const {{content}} = {_PANEL}; content.activeCellIndex = number }}", cell)
        self.command("notebook:run-cell", timeout)

    def start(self, cell: int) -> None:
        """Run one cell, and don't wait for it."""
        self.page.evaluate(
            f"number => {{ const {{content}} = {_PANEL}; content.activeCellIndex = number;"
            " window.jupyterapp.commands.execute('notebook:run-cell') }",
            cell,
        )

    def wait_for_text(self, cell: int, text: str) -> None:
        """Wait until a cell has printed a text."""
        self.page.wait_for_function(
            f"([cell, text]) => {_PANEL}.content.widgets[cell].model.sharedModel.toJSON()"
            ".outputs.some(output => output.text?.includes(text))",
            arg=[cell, text],
        )

    def command(self, name: str, timeout: float = 60) -> None:
        """Execute one of JupyterLab's commands, and wait until it is done."""
        self.page.evaluate(
            "name => { window._done = false;"
            " window.jupyterapp.commands.execute(name).finally(() => { window._done = true }) }",
            name,
        )
        self.page.wait_for_function("window._done", timeout=timeout * 1000)

    def cells(self) -> list[dict[str, Any]]:
        """Read the cells as JupyterLab holds them now: nbformat's dicts."""
        found: list[dict[str, Any]] = self.page.evaluate(
            f"{_PANEL}.content.widgets.map(cell => cell.model.sharedModel.toJSON())"
        )
        return found

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        """Read the outputs of a cell as JupyterLab holds them now."""
        found: list[dict[str, Any]] = self.cells()[cell].get("outputs", [])
        return found

    def errors(self) -> list[str]:
        """List the exceptions among the outputs, but for cells that mean to raise."""
        return [
            f"cell {number}: {output['ename']}: {output['evalue']}"
            for number, cell in enumerate(self.cells())
            if "raises-exception" not in cell["metadata"].get("tags", [])
            for output in cell.get("outputs", [])
            if output["output_type"] == "error"
        ]

    def output(self, cell: int) -> "Locator":
        """Locate a cell's output on the page, and scroll there: cells far off are not drawn."""
        self.page.evaluate(
            f"async number => {{ const content = {_PANEL}.content; content.activeCellIndex = number;"
            " await content.scrollToItem(number, 'start') }",
            cell,
        )
        locator = self.page.locator(f'.jp-Cell[data-windowed-list-index="{cell}"] .jp-Cell-outputArea')
        locator.wait_for()
        return locator

    def dialogs(self) -> list[str]:
        """Read the dialogs that stand open: JupyterLab's question for a kernel is one."""
        return self.page.locator(".jp-Dialog-content").all_inner_texts()

    def boxes(self) -> list[str]:
        """Look at every cell that has outputs, and list those that show a widget's error box."""
        found = []
        for number, cell in enumerate(self.cells()):
            if cell.get("outputs") and not cell["metadata"].get("jupyter", {}).get("outputs_hidden"):
                output = self.output(number)
                # A widget whose model is missing says so only after it was looked for.
                output.get_by_text(LOADING).first.wait_for(state="detached")
                text = output.inner_text()
                if BOX in text:
                    found.append(f"cell {number}: {text[:80]}")
        return found

    def pictures(self, cell: int) -> list[tuple[int, int]]:
        """Measure the pictures that a cell shows: (width, height) of each, in the picture's own pixels."""
        images = self.output(cell).locator("img")
        found = []
        for image in images.all():
            image.scroll_into_view_if_needed()
            width, height = image.evaluate(
                "async image => { await image.decode(); return [image.naturalWidth, image.naturalHeight] }"
            )
            found.append((width, height))
        return found

    def screenshot(self, path: Path, *, cell: int | None = None) -> Path:
        """
        Save a picture of the whole notebook, or of one cell's output.

        Args:
            path: a .png.
            cell: whose output; None for all of the notebook. One taller than a browser can draw goes on in
                further pictures, `...-2.png`, `...-3.png`: whole cells, from where the one before ended or a
                little above.

        Returns:
            the path of the first.
        """
        if cell is not None:
            path.write_bytes(self.output(cell).screenshot())
            return path
        size = self.page.viewport_size
        assert size is not None
        # Cells are laid out when they come into sight, and change their height then: go on until none does.
        before = 0
        for _ in range(12):
            tall = min(max(self._scrolled(0)) + 60, TALLEST)
            if tall == before:
                break
            before = tall
            self.page.set_viewport_size({"width": size["width"], "height": tall})
        first, number = 0, 1
        while True:
            ends = self._scrolled(first)
            seen = max((cell for cell, end in enumerate(ends) if end <= tall), default=first)
            # playwright would write the file itself, but from a thread that it then keeps
            here = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
            here.write_bytes(self.page.screenshot(clip=self._panel(ends[seen] + 30)))
            if seen == len(ends) - 1:
                break
            first, number = max(seen, first) + 1, number + 1
        self.page.set_viewport_size(size)
        return path

    def _panel(self, bottom: int) -> "FloatRect":
        """Tell where the notebook is in the window, as far down as `bottom`."""
        box = self.page.locator(".jp-NotebookPanel").bounding_box()
        assert box is not None
        return {"x": box["x"], "y": box["y"], "width": box["width"], "height": min(box["height"], bottom - box["y"])}

    def _scrolled(self, cell: int) -> list[int]:
        """
        Scroll until a cell is uppermost, and wait until nothing moves any more.

        JupyterLab guesses the height of cells that aren't in sight: what was scrolled to goes elsewhere when those
        above it are laid out. Under the last cell, it leaves a window's height empty to scroll to.

        Returns:
            where each cell ends: pixels from the window's upper edge.
        """
        last: list[int] = []
        same = 0
        for _ in range(80):
            ends: list[int] = self.page.evaluate(
                f"async number => {{ const content = {_PANEL}.content; content.activeCellIndex = number;"
                " await content.scrollToItem(number, 'start');"
                " if (!number) document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0;"
                " return content.widgets.map(cell => Math.ceil(cell.node.getBoundingClientRect().bottom)) }",
                cell,
            )
            same = same + 1 if ends == last else 0
            if same == _STILL:
                break
            last = ends
            self.page.wait_for_timeout(100)
        return ends
