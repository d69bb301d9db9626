"""
What a recording is made of: one closed set of events.

An `Event` says that at a time, on a lane, something happened to an object:

    >>> Event(0.1, "T0", ACQUIRE, "_lock", 12)
    Event(time=0.1, lane='T0', kind='acquire', object='_lock', value=12)

Everything a recording shows (intervals, holds, arrows, words) is worked out from these alone, so a
real run, a run under a chosen schedule and a run in another process are drawn by the same code.

What `object` and `value` are, by kind:

========== =========================== ==============================================================
kind       object                      value
========== =========================== ==============================================================
start      the new lane                "worker" if a pool started it, else None; the event's own lane is
                                       the one on which it was started
begin      the lane itself             True if it is a daemon
end        "finished", "failed" or     None, or the exception in words
           "cut off"
cpu        None                        seconds of CPU time the lane used, just before its end
sleep      None                        the seconds asked for
wake       None                        None
wait       what is waited for          the wait in words: "_lock", "join T0", "inbox.get"
resume     what was waited for         True if it was got, False if the wait timed out or was ended
acquire    a lock                      the line that acquired it
release    a lock                      None
take give  a semaphore                 None: one of its permits taken, given back
set clear  an event                    None
notify     a condition                 None
arrive     a barrier                   None
put get    a queue                     an `Item`: its number and the item in words
queue      a queue                     how many items it takes at most; once, before its first put or get,
                                       and only if there is a limit
submit     a task of a pool            the pool
task       a task of a pool            None: a worker began it
done       a task of a pool            None, or the exception kept in its future, in words
ask        a task of a pool            None: somebody looked at its result or exception
log        the level's name            the message
print      "stdout" or "stderr"        one line of text
mark       None                        the text
exception  the exception's type        its message
read write a watched attribute:        the value read or written, in words; `DELETED` if the write deleted it
           "database.value"
deadlock   what is waited for for      tuple of the names of the lanes that would have to go on first; empty
           ever, in words: "lock_b",   if no one in particular would
           "join T0", "inbox.get"
========== =========================== ==============================================================
"""

from typing import Any, Final, NamedTuple

__all__ = [
    "ACQUIRE", "ARRIVE", "ASK", "BEGIN", "CLEAR", "CPU", "DEADLOCK", "DELETED", "DONE", "END", "EXCEPTION", "GET",
    "GIVE", "INSTANTS", "KINDS", "LOG", "MARK", "NOTIFY", "PRINT", "PUT", "QUEUE", "READ", "RELEASE", "RESUME",
    "SET", "SLEEP", "START", "SUBMIT", "TAKE", "TASK", "WAIT", "WAKE", "WRITE", "Event", "Item",
]  # fmt: skip

START: Final = "start"
BEGIN: Final = "begin"
END: Final = "end"
CPU: Final = "cpu"
SLEEP: Final = "sleep"
WAKE: Final = "wake"
WAIT: Final = "wait"
RESUME: Final = "resume"
ACQUIRE: Final = "acquire"
RELEASE: Final = "release"
TAKE: Final = "take"
GIVE: Final = "give"
SET: Final = "set"
CLEAR: Final = "clear"
NOTIFY: Final = "notify"
ARRIVE: Final = "arrive"
PUT: Final = "put"
GET: Final = "get"
QUEUE: Final = "queue"
SUBMIT: Final = "submit"
TASK: Final = "task"
DONE: Final = "done"
ASK: Final = "ask"
LOG: Final = "log"
PRINT: Final = "print"
MARK: Final = "mark"
EXCEPTION: Final = "exception"
READ: Final = "read"
WRITE: Final = "write"
DEADLOCK: Final = "deadlock"

DELETED: Final = "(deleted)"
"""What a watched attribute's value is once it was deleted."""

INSTANTS: Final = frozenset({LOG, PRINT, MARK, EXCEPTION, READ, WRITE, DEADLOCK})
"""The kinds that a chart shows as a single moment."""

KINDS: Final = INSTANTS | {
    START, BEGIN, END, CPU, SLEEP, WAKE, WAIT, RESUME, ACQUIRE, RELEASE, TAKE, GIVE, SET, CLEAR,
    NOTIFY, ARRIVE, PUT, GET, QUEUE, SUBMIT, TASK, DONE, ASK,
}  # fmt: skip
"""Every kind there is."""


class Event(NamedTuple):
    """
    One thing that happened.

    Attributes:
        time: seconds since the recording began, float.
        lane: the name of the lane it happened on.
        kind: one of `KINDS`.
        object: what it happened to, by name; see the module's table.
        value: more about it; see the module's table.
    """

    time: float
    lane: str
    kind: str
    object: str | None
    value: Any


class Item(NamedTuple):
    """An item that went through a queue: the recording's number for it, and the item in words."""

    number: int
    text: str
