"""Works run beside each other, each in a thread of its own."""

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["together"]


def together(*works: Callable[[], Any]) -> None:
    """Run works in threads T0, T1 and so on, to their end."""
    threads = [threading.Thread(target=work, name=f"T{number}") for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
