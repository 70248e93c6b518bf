"""What a written text has to do: data that is kept with a question. Knows no kind, and judges
nothing."""

from dataclasses import dataclass

from playground.levels.schema import Pick


@dataclass(frozen=True)
class Bound:
    """A feature and so many activation units."""

    pick: Pick
    units: float


@dataclass(frozen=True)
class Wanted:
    """Replies that a text has to bring on a concept. hits: so many, `of` as many; dial: how many a
    dial brought; damage, devoted: of the dial's replies, 0..100, and the share of their sentences
    that is about the concept, 0..1."""

    concept: str
    hits: int
    of: int
    dial: int
    damage: float
    devoted: float


@dataclass(frozen=True)
class Demand:
    """What a written text has to do. fires: it must reach that; silent: it must stay under that;
    banned: words that it must not hold; shared: words of which it must hold one, as `example`;
    wanted: replies that have to follow it."""

    fires: Bound | None = None
    silent: Bound | None = None
    banned: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    example: str = ""
    wanted: Wanted | None = None
