"""
Values in few words, whatever they are.

A value may have a `repr` that raises, that is endless or that spans lines. What stands in a chart or in
a sentence must be one short printable line all the same, and say where something was left out: "…".
"""

from __future__ import annotations

import re
import reprlib
from itertools import islice
from typing import Any, Final

__all__ = ["LIMIT", "clip", "one_line", "shorten"]

LIMIT: Final = 60
"""Characters that a value may take, unless told otherwise."""


def one_line(text: str) -> str:
    r"""
    Escape what doesn't print.

        >>> one_line("two\nlines")
        'two\\nlines'

    Args:
        text: any text.

    Returns:
        str without line ends, control characters and lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def clip(text: str, limit: int = LIMIT) -> str:
    """
    Make a text one line of at most `limit` characters; what was cut is marked "…".

        >>> clip("a rather long line", 10)
        'a rather …'

    Args:
        text: any text.
        limit: characters, at least 1.

    Returns:
        str of at most `limit` characters.
    """
    # Escaping makes a text longer, never shorter: the rest needn't be looked at.
    line = one_line(text[: limit + 1])
    return line if len(line) <= limit else line[: limit - 1] + "…"


_ADDRESS: Final = re.compile(r" at 0x[0-9A-Fa-f]+")
"""What is never the same again, and tells a reader nothing."""


class _Repr(reprlib.Repr):
    """`reprlib`, but for what it does with a repr that raises: it names an address, which is never the same."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        many = max(limit // 3, 4)
        self.maxlevel = 4
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdeque = self.maxarray = many
        self.maxdict = max(limit // 6, 3)
        self.maxstring = self.maxlong = self.maxother = max(limit, 8)
        self.fillvalue = "…"

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write out an int of more than 4300 digits, and takes long over fewer.
        if x.bit_length() > 4 * self.maxlong:
            return f"<int of {x.bit_length()} bits>"
        return repr(x)

    def repr_str(self, x: str, level: int) -> str:
        if len(x) <= self.maxstring:
            return repr(x)
        return repr(x[: self.maxstring - 1])[:-1] + "…"

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        # reprlib sorts the keys; the order of a dict is part of what it is.
        if level <= 0:
            return "{…}" if x else "{}"
        parts = [f"{self.repr1(k, level - 1)}: {self.repr1(v, level - 1)}" for k, v in islice(x.items(), self.maxdict)]
        return "{" + ", ".join(parts + ["…"] * (len(x) > self.maxdict)) + "}"

    def repr_instance(self, x: object, level: int) -> str:
        try:
            text = repr(x)
        except Exception as error:
            return f"<{type(x).__name__}: its repr raised {type(error).__name__}>"
        text = _ADDRESS.sub("", text)
        return text if len(text) <= self.maxother else text[: self.maxother - 1] + "…"

    def repr_type(self, x: type, level: int) -> str:
        return x.__name__

    def repr_function(self, x: Any, level: int) -> str:
        return str(x.__name__)

    repr_builtin_function_or_method = repr_function


def shorten(value: object, limit: int = LIMIT) -> str:
    """
    Put a value into few words, whatever its `repr` does.

        >>> shorten(list(range(1000)), limit=12)
        '[0, 1, 2, 3…'
        >>> shorten(object()), shorten(dict)
        ('<object object>', 'dict')

    A `repr` that never ends isn't seen: it is called, and waited for.

    Args:
        value: any object.
        limit: characters, at least 1.

    Returns:
        str of one printable line, at most `limit` characters; what was cut is marked "…".
    """
    try:
        text = _Repr(limit).repr(value)
    except Exception as error:
        text = f"<{type(value).__name__}: its repr raised {type(error).__name__}>"
    return clip(text, limit)
