"""Exceptions in words, made safe and short enough to keep; names of calls, taken apart; "a" and "an"."""

from .shorten import clip, shorten

__all__ = ["a", "call_parts", "exception_text"]


def a(noun: str) -> str:
    """
    Put "a" or "an" before a word, as it is spoken.

        >>> a("get"), a("acquire"), a("array.array"), a("_io.StringIO"), a("uuid.UUID")
        ('a get', 'an acquire', 'an array.array', 'an _io.StringIO', 'a uuid.UUID')
    """
    said = noun.lstrip("_").lower()
    vowel = said.startswith(("a", "e", "i", "o", "u")) and not said.startswith(("uni", "use", "uu", "eu", "one"))
    return f"an {noun}" if vowel else f"a {noun}"


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


def call_parts(name: str) -> tuple[str, str]:
    """
    Take the name of a call apart: its function, and what tells it from other calls of that function.

        >>> call_parts("ask_server(3, …)"), call_parts("ask_server(3, …) #2"), call_parts("produce(…)")
        (('ask_server', '3'), ('ask_server', '3#2'), ('produce', ''))

    What isn't the name of a call has neither.
    """
    call, _, number = name.rpartition(" #")
    if not (call.endswith(")") and number.isdecimal()):
        call, number = name, ""
    function, bracket, rest = call.partition("(")
    if not bracket or not rest.endswith(")") or not function or function[-1].isspace():
        return "", ""
    told = rest[:-1].removesuffix("…").removesuffix(", ")
    return function, f"{told}#{number}" if number else told
