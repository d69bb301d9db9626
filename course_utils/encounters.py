"""
What scheduled threads come to: the instructions of own code, and the operations for which they stand still.

Whoever comes to an operation that others can see, or for which it has to wait, says so with `reach` and stands still;
a `Scheduler` has one thread at a time go on.
"""

from __future__ import annotations

from _thread import LockType, allocate_lock
from functools import partial, wraps
from operator import itemgetter
from types import BuiltinMethodType, CodeType, FrameType, MethodDescriptorType, MethodType, MethodWrapperType
from typing import Any, Final, NoReturn

from .actors import WORKERS, Actor
from .driver import Driver
from .histories import OPENER, Op
from .models import Way
from .refusals import unseen
from .sharing import VAGUE, Sharing, Touch
from .states import CutOff, waiting_words
from .steps import CELL, GLOBAL, SLOT, Site
from .tracing import Tracer
from .understood import KEEPING, Unknown, handed_over

__all__ = ["Encounters", "Instant"]

Instant = tuple[CodeType, int, bool]


class Encounters(Driver):
    """
    A driver whose threads stand still, at every step, until they may go on.

    Args:
        sharing: what counts as shared.
        timed: whether sleeps and timeouts keep their durations.

    Attributes:
        passed_by: the instructions that a run has come by, in order, as (code, offset, whether the opener did); None if
            threads stand still at steps alone.
        stops: at which of these, counted from 1, its thread stands still besides.
    """

    def __init__(self, sharing: Sharing, timed: bool) -> None:
        super().__init__()
        self.sharing = sharing
        self.timed = timed
        self.tracer = Tracer(self.meet, self.come_by)
        self.stops: frozenset[int] = frozenset()
        self.passed_by: list[Instant] | None = None
        self._forget()

    def _forget(self) -> None:
        """Begin a new run."""
        self.alone = True
        self.living = 0
        self.written: set[tuple[str, Any]] = set()
        self.aborting = False
        self.refusal: str | None = None
        self.back: LockType = allocate_lock()
        self.back.acquire()
        self.sharing.forget()

    def reach(self, actor: Actor, op: Op, tag: Any = None, words: str | None = None, *, quiet: bool = False) -> Way:
        """
        Stand before an operation until it may be carried out.

        Args:
            actor: the current thread's.
            op: the operation.
            tag: what a wait is for, and
            words: how that is said, if it has to wait.
            quiet: whether to go on even if the run is being ended.

        Returns:
            the way in which it goes on.

        Raises:
            CutOff: the run is being ended.
        """
        if self.aborting:
            if quiet:
                return Way({})
            raise CutOff
        patience = op.patience
        if not self.timed and patience is not None:
            op = op._replace(patience=None)
        actor.op, actor.tag, actor.words = op, tag, words
        actor.waiting = waiting_words(words, tag) if words else "its turn"
        self.back.release()
        actor.gate.acquire()
        if self.ends:
            if quiet:
                return Way({})
            raise CutOff
        assert actor.way is not None
        if patience is not None and (actor.way.result is False or op.kind == "sleep"):
            actor.clock += patience  # time as this thread knows it
        return actor.way

    @property
    def ends(self) -> bool:
        """Whether the run is being ended: somebody may have begun to while the thread stood still."""
        return self.aborting

    def meet(self, frame: FrameType, site: Site) -> None:
        """Come to an instruction that may touch something shared."""
        actor = self.local.lane
        if actor is None or self.alone or not isinstance(actor, Actor) or actor.aside:
            return
        if self.aborting:
            raise CutOff
        within = actor.middle is not None and _is_within(frame, *actor.middle)
        if not within:
            actor.middle = None
        self.sharing.who, self.sharing.lone = actor.root, self.living == 0
        try:
            touched, more = self.sharing.touches(frame, site)
        except Unknown as unknown:
            if self.living == 0:
                self.reach(actor, Op("return", None))  # whatever it reads, it is known now
                return
            said = f"{unknown}{unknown.advice}" if unknown.advice else unseen(str(unknown))
            self.refuse(f"line {frame.f_lineno} of {frame.f_code.co_filename} uses {said}")
        if self.sharing.used:
            actor.effects.append(("used",))
        if actor.worker_of is not None and self.sharing.of_thread(frame, site):
            self.tells_workers(actor)
        if actor.inside:
            if touched or more:
                where = f"line {frame.f_lineno} of {frame.f_code.co_filename}"
                if frame.f_code.co_filename == "<string>":  # as by @dataclass(order=True)
                    where = f"a {frame.f_code.co_name} that was made for a class"
                self.refuse(
                    f"{where} is run by the standard library in the middle of an operation on a lock or queue, and "
                    "uses what threads share: into a queue that sorts, put tuples of numbers and texts"
                )
            return
        if within and (touched or more):
            self.refuse(
                f"line {frame.f_lineno} of {frame.f_code.co_filename} uses what threads share, and is called in the "
                "middle of an operation on a list, dict or the like that they share, too"
            )
        if not more and not touched:
            self.quiet_for(actor, frame, site)
            return
        whole = self.sharing.whole  # before others, who get their turns in between, come to theirs
        self.touch(actor, touched, more, (frame.f_code.co_filename, frame.f_lineno))
        if whole and self.living != 0:
            actor.middle = (frame, range(frame.f_lasti, site.until))

    def quiet_for(self, actor: Actor, frame: FrameType, site: Site) -> None:
        """
        Count what a thread meets without coming to a step.

        One that goes round and round may wait for a name to change that nobody has been seen to write yet, since
        nobody else gets his turn.
        """
        actor.met += 1
        if actor.met > _LONG:
            place = (site.kind, site.name)
            if site.kind in (SLOT, GLOBAL, CELL) and not site.writes and place in self.written:
                self.learn(place)
                self.reach(actor, Op("learn", None))

    def seen(self, function: Any) -> Any:
        """Make a function of C, which the library is to call, come to the scheduler: `target=items.append`."""
        method, first = function, list[Any]()
        while isinstance(method, partial):
            first = [*method.args, *first, *method.keywords.values()]
            method = method.func
        owner = getattr(method, "__self__", None)
        if isinstance(method, MethodType) and method.__name__ in _ASKING and type(owner).__module__ in KEEPING:
            self.refuse(
                f"{type(owner).__qualname__}.{method.__name__} is called by the library, which nobody sees: have it "
                "called by a function of your own, as lambda: ready.is_set()"
            )
        try:
            handed_over(method)
        except Unknown as unknown:
            self.refuse(f"{unknown}{_UNCALLED}")
        if not (isinstance(method, BuiltinMethodType | MethodWrapperType | MethodDescriptorType | itemgetter)) and not (
            isinstance(method, type) and method.__module__ in ("builtins", "collections")
        ):
            return function

        @wraps(method, updated=())
        def call(*args: Any, **kwargs: Any) -> Any:
            actor = self.local.lane
            if isinstance(actor, Actor) and not actor.inside and not self.aborting:
                self.called_for(actor, method, [*first, *args, *kwargs.values()])
            return function(*args, **kwargs)

        return call

    def called_for(self, actor: Actor, function: Any, given: list[Any]) -> None:
        """Come to a call of C's that the library makes."""
        self.sharing.who, self.sharing.lone, self.sharing.used = actor.root, self.living == 0, False
        try:
            touched, more = self.sharing.of_method(function, given)
        except Unknown as unknown:
            self.refuse(f"{unknown}{_UNCALLED}")
        if self.sharing.used:
            actor.effects.append(("used",))
        self.touch(actor, touched, more, None)

    def touch(
        self, actor: Actor, touched: list[Touch], more: list[tuple[str, Any]], line: tuple[str, int] | None
    ) -> None:
        """Come to a touch of something shared."""
        if more:
            for what in more:
                actor.effects.append(("vague" if what[0] == VAGUE else "wrote", what))
            self.reach(actor, Op("learn", None))
        for kind, where in touched:
            self.reach(actor, Op(kind, where, None, None, line))

    def refuse(self, why: str) -> NoReturn:
        """End the run: it did something that can't be controlled."""
        if self.refusal is None:
            self.refusal = why
        actor = self.local.lane
        if isinstance(actor, Actor):
            actor.aside += 1  # see `_finish`
        raise CutOff

    def learn(self, what: tuple[str, Any]) -> None:
        """Have the run end here, and begin again with this known."""
        actor = self.local.lane
        assert isinstance(actor, Actor)
        actor.effects.append(("vague", what))

    def tells_workers(self, actor: Actor) -> None:
        """A task asks which worker it is run by."""
        if WORKERS not in self.sharing.counted:
            self.learn(WORKERS)

    def come_by(self, frame: FrameType) -> bool:
        """
        Come by any instruction of own code, where another thread may be let in even if it is no step.

        Returns:
            whether the thread stood still.
        """
        actor = self.local.lane
        if not isinstance(actor, Actor) or not self.living or actor.aside or actor.inside or self.aborting:
            return False
        assert self.passed_by is not None
        self.passed_by.append((frame.f_code, frame.f_lasti, actor.root == OPENER))
        if len(self.passed_by) not in self.stops:
            return False
        self.reach(actor, Op("pause", None, None, None, (frame.f_code.co_filename, frame.f_lineno)))
        return True


def _is_within(frame: FrameType, other: FrameType, instruction: range) -> bool:
    """Whether a frame was called, if by many others, by this instruction of another one."""
    above = frame.f_back
    while above is not None and above is not other:
        above = above.f_back
    return above is not None and above.f_lasti in instruction


_ASKING: Final = frozenset({"is_set", "qsize", "empty", "full", "is_alive", "done", "locked"})
"""Methods of the library that are steps if own code calls them."""

_UNCALLED: Final = ": nobody sees what it does with what threads share; have it called by a function"

_LONG: Final = 20_000
"""Instructions that a thread may meet without a step before it is asked what it waits for."""
