"""
Colours: what each role in a chart looks like, on light and on dark.

The hues are near those of Okabe and Ito, which people who confuse red and green tell apart; their greys
differ too. State is never told by colour alone: active is solid, sleeping pale, waiting hatched.
Every text has a contrast of at least 4.5 to 1 to what is behind it; a test works it out.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LOCKS", "THEMES", "THREADS", "Palette", "palette"]

Palette = dict[str, str]
"""A colour, "#rrggbb", for each role."""

LOCKS: Final = 6
"""How many locks have a colour of their own; those after them begin again with the first."""

_LIGHT: Final[Palette] = {
    "card": "#ffffff",
    "text": "#1b1f24",
    "muted": "#535c66",
    "grid": "#e8ebee",
    "axis": "#8a929b",
    "active": "#2f6cb3",
    "sleep": "#e1e5e9",
    "sleep edge": "#c2c8cf",
    "wait": "#737c86",
    "wait fill": "#f4f5f7",
    "behind": "#bcc4cc",
    "bad": "#c02619",
    "thin": "#9aa3ad",
    "flow": "#444c56",
    "task": "#535c66",
    "lock 0": "#dd8415", "lock 0 text": "#955400", "lock 0 fill": "#fdf3e6",
    "lock 1": "#17967a", "lock 1 text": "#0c6f59", "lock 1 fill": "#e6f4f1",
    "lock 2": "#b3569c", "lock 2 text": "#97407f", "lock 2 fill": "#f8edf5",
    "lock 3": "#8b6b35", "lock 3 text": "#725523", "lock 3 fill": "#f4efe6",
    "lock 4": "#6f8f14", "lock 4 text": "#536d08", "lock 4 fill": "#f1f5e4",
    "lock 5": "#3fa0d8", "lock 5 text": "#1a6796", "lock 5 fill": "#e8f4fb",
}  # fmt: skip

_DARK: Final[Palette] = {
    "card": "#1a1d21",
    "text": "#eceef1",
    "muted": "#aab3bd",
    "grid": "#2b3036",
    "axis": "#707a85",
    "active": "#5b9fe3",
    "sleep": "#383f47",
    "sleep edge": "#56606b",
    "wait": "#98a2ad",
    "wait fill": "#22262b",
    "behind": "#59636e",
    "bad": "#ff8375",
    "thin": "#737e8a",
    "flow": "#c3cad2",
    "task": "#aab3bd",
    "lock 0": "#f0a23a", "lock 0 text": "#f5b661", "lock 0 fill": "#322a1e",
    "lock 1": "#35c19f", "lock 1 text": "#56d0b2", "lock 1 fill": "#1c2f2c",
    "lock 2": "#dc88c8", "lock 2 text": "#e6a2d6", "lock 2 fill": "#302531",
    "lock 3": "#c9a568", "lock 3 text": "#d8b981", "lock 3 fill": "#2d2920",
    "lock 4": "#aacb45", "lock 4 text": "#b9d765", "lock 4 fill": "#282e1d",
    "lock 5": "#6cc3f2", "lock 5 text": "#8dd0f5", "lock 5 fill": "#1e2c35",
}  # fmt: skip

THEMES: Final = {"light": _LIGHT, "dark": _DARK}

THREADS: Final = tuple(_LIGHT[role] for role in ("active", *(f"lock {each} text" for each in (0, 1, 2, 5, 4, 3))))
"""Where threads, not locks, are told apart: a button for each, in white letters on any page. Names tell them too."""


def palette(theme: str | None) -> Palette:
    """
    Look up the colours of a theme.

    Args:
        theme: "light", "dark", or None for a light card that is legible on a page of either kind.

    Raises:
        ValueError: there is no such theme; the message lists those there are.
    """
    try:
        return THEMES["light" if theme is None else theme]
    except KeyError:
        raise ValueError(f"no theme {theme!r}: there are {', '.join(map(repr, THEMES))} and None") from None
