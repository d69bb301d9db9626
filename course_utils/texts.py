"""Exceptions in words, made safe and short enough to keep."""

from .shorten import clip, shorten

__all__ = ["exception_text"]


def exception_text(error: BaseException, limit: int = 200) -> str:
    """
    Put an exception into words, even one whose message can't be made.

        >>> exception_text(ValueError("no such name"))
        'ValueError: no such name'
    """
    name = type(error).__name__
    try:
        message = str(error)
    except Exception:  # the learner's own __str__, which may raise anything
        message = shorten(error, limit)
    return clip(f"{name}: {message}" if message else name, limit)
