"""A world in which nobody can go on, as its recording shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import events as ev
from .deadlock import Deadlock, Member, sentence
from .driver import ENTER
from .shorten import clip
from .states import waiting_words
from .world import IDLE

if TYPE_CHECKING:
    from .scheduler import Scheduler
    from .world import World

__all__ = ["show_deadlock"]


def show_deadlock(driver: Scheduler, world: World) -> Deadlock:
    """
    Take down whom each of those that can't go on would need.

    Returns:
        the exception that says so.
    """
    holders: dict[int, list[tuple[str, int | None]]] = {}
    needs: dict[int, list[int]] = {}
    for root in world.threads:
        op = world.pending(root)
        owner = world.objects.get(op.on) if op.kind.startswith("acquire") else None
        needs[root] = [owner[0]] if owner else [op.on] if isinstance(op.on, int) and op.kind == "join" else []
        if owner:
            tag = driver.actors[root].tag
            lines = [at[4] for at in driver.log if at[2] in (ev.ACQUIRE, ENTER) and at[3] == tag]
            holders.setdefault(owner[0], []).append((waiting_words("{}", tag), lines[-1] if lines else None))
    stuck = [driver.actors[root] for root in sorted(world.threads) if world.pending(root).kind not in IDLE]
    members = []
    for actor in stuck:
        if not actor.daemon:
            line = actor.op.line[1] if actor.op is not None and actor.op.line is not None else None
            held = tuple(dict.fromkeys(holders.get(actor.root, [])))
            members.append(Member(actor.name, actor.waiting or "", line, held))
    said = sentence(members)
    for actor in stuck:
        names = tuple(driver.actors[need].name for need in needs[actor.root] if need in driver.actors)
        driver.append((driver.now(), actor.name, ev.DEADLOCK, actor.tag, (actor.words or "{}", names)))
        if not actor.daemon:
            driver.append((driver.now(), actor.name, ev.RESUME, actor.tag, False))
            driver.append((driver.now(), actor.name, ev.EXCEPTION, "Deadlock", said))
            actor.ending = "failed"
            driver.append((driver.now(), actor.name, ev.END, "failed", clip(f"Deadlock: {said}", 200)))
    return Deadlock(said)
