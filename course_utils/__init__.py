"""
Record what Python threads do, and draw it.

    >>> from course_utils import record
    >>> with record() as recording:
    ...     thread = threading.Thread(target=time.sleep, args=(0.1,), name="T0")
    ...     thread.start()
    ...     thread.join()
    >>> recording

`record` and `run` make recordings, `mark` puts a text into one, `tweak` shows sliders that run a scenario
again, `compare` puts several recordings side by side. `interleavings` accounts for every order in which threads
could go on, `replay` runs one of them again. `Deadlock` is raised in recorded threads that would wait
for ever. In a notebook, `%load_ext course_utils` in the first cell lets locks that are made in one cell be seen
by recordings in others.
"""

from typing import TYPE_CHECKING, Any

from .deadlock import Deadlock
from .recorder import mark, record, run

if TYPE_CHECKING:
    from .exploring import interleavings, replay
    from .row import compare
    from .sliders import tweak

__all__ = ["Deadlock", "compare", "interleavings", "mark", "record", "replay", "run", "tweak"]


def __getattr__(name: str) -> Any:
    # The views are imported when they are first asked for. None of their modules is named as what it offers:
    # importing a module puts it into its package under its name, in the function's place.
    if name == "tweak":
        from .sliders import tweak

        return tweak
    if name == "compare":
        from .row import compare

        return compare
    if name in ("interleavings", "replay"):
        from . import exploring

        return getattr(exploring, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: object) -> None:
    """Begin to see the locks that cells make, and know `%%program`; `%load_ext course_utils` calls it."""
    from .instrument import always_see_locks

    always_see_locks(True)
    if shell is not None:
        from .magic import register

        register(shell)


def unload_ipython_extension(shell: object) -> None:
    """Put everything back as it was; `%unload_ext course_utils` calls it."""
    from .instrument import always_see_locks

    always_see_locks(False)
    if shell is not None:
        from .magic import unregister

        unregister(shell)
