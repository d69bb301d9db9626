"""
README's examples; run as a program, this draws README's picture.

    python tests/readme.py

The picture is what the first example draws, so that README shows what its reader will get.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["ROOT", "commands", "examples", "run_example"]

ROOT: Final = Path(__file__).resolve().parent.parent


def fenced(language: str) -> list[str]:
    """List README's fenced blocks of a language, "" for none named."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [content for name, content in blocks if name == language]


def commands() -> list[str]:
    """List the shell commands, each as it stands in its block."""
    return fenced("")


def examples() -> list[str]:
    """List the Python examples."""
    return fenced("python")


def run_example(source: str, folder: Path) -> str:
    """
    Run an example as a script of its own.

    Returns:
        what it printed.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    script = folder / "example.py"
    script.write_text(source, encoding="utf-8")
    command = [sys.executable, "-W", "error", script.name]
    return subprocess.run(
        command, cwd=folder, check=True, timeout=50, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ).stdout


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        run_example(examples()[0], Path(name))
        (ROOT / "README.png").write_bytes((Path(name) / "chart.png").read_bytes())
