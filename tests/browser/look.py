"""
Take pictures of every notebook in JupyterLab, to be looked at.

    python -m tests.browser.look FOLDER [NAME...]

For each notebook (NAME without its suffix; all if none is named) there are four, from top to bottom:
light and dark, as it opens and after Run All.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.lab import ARGUMENTS, DARK, LIGHT, Lab, Tab, chromium
from tests.notebooks.store import NOTEBOOKS


def main() -> int:
    """Take the pictures; return 1 if a notebook raised."""
    parser = argparse.ArgumentParser(description="Take pictures of notebooks in JupyterLab.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    paths = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.stem in (arguments.names or [path.stem])]
    failed = False
    with (
        tempfile.TemporaryDirectory() as scratch,
        sync_playwright() as playwright,
        Lab(Path(scratch) / "lab", paths) as lab,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        for theme in (LIGHT, DARK):
            lab.theme(theme)
            for path in paths:
                shade = theme.split()[-1].lower()
                with Tab.opened(lab, browser, path.stem) as tab:
                    print(tab.screenshot(arguments.folder / f"{path.stem}-{shade}-opened.png"))
                    tab.run_all()
                    print(tab.screenshot(arguments.folder / f"{path.stem}-{shade}-run.png"))
                    for error in tab.errors():
                        failed = True
                        print(f"{path.stem}: {error}", file=sys.stderr)
        browser.close()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
