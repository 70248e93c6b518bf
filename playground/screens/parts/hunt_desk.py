"""What lies before the player of a hunt, and how it is drawn. Reads and judges nothing."""

from dataclasses import dataclass, replace
from math import exp
from typing import NamedTuple

from markupsafe import Markup

from playground.engine.records import Reading
from playground.game.exploring import Contrasted, Firing
from playground.levels.dealing.contrast import RARE
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import Pick
from playground.screens.parts import card, frame
from playground.screens.render import render
from playground.screens.stage import Stage

EACH = 6  # texts of either sort


class Read(NamedTuple):
    """A text as it was written, and what fires in it."""

    text: str
    reading: Reading


@dataclass(frozen=True)
class HuntDesk:
    """What lies before the player of one hunt level. here, there: the texts that the feature should
    fire in, and those that it should not; newest last. candidates: keys of the features that were
    collected in this hunt, and in no other."""

    level: str = ""
    here: tuple[Read, ...] = ()
    there: tuple[Read, ...] = ()
    token: tuple[int, int] | None = None  # a text's place among all, and a token's in it
    pick: Pick | None = None  # the feature whose card is open and that colours the texts
    candidates: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[Read, ...]:
        return (*self.here, *self.there)

    @property
    def collected(self) -> list[Pick]:
        return [frame.pick_of(*key.split("/")) for key in self.candidates]

    def without(self, text: str) -> "HuntDesk":
        here, there = (tuple(e for e in side if e.text != text) for side in (self.here, self.there))
        return replace(self, here=here, there=there, token=None)


# -- drawing -------------------------------------------------------------------------------------
def draw_reading(stage: Stage, desk: HuntDesk) -> Markup:
    """The texts in colour, and the features of the chosen token or those that tell them apart."""
    texts, exploring = desk.texts, stage.game.exploring
    if not texts:
        return frame.empty(stage.words("hunt.nothing"))
    contrasts = tuple[Contrasted, ...]()
    firings = tuple[Firing, ...]()
    on_token = ""
    if desk.token is None:
        here, there = ([each.reading for each in side] for side in (desk.here, desk.there))
        contrasts = exploring.contrast(here, there, desk.level)
    else:
        text, token = desk.token
        reading = texts[text].reading
        firings = exploring.firings(reading, token, desk.level)
        on_token = reading.tokens[token].strip() or "␣"
    shown = desk.pick if desk.pick and desk.pick.site == texts[0].reading.site else None
    return render(
        stage.words,
        "pages/hunt/reading",
        texts=[each.reading.tokens for each in texts],
        values=[values_of(stage, each.reading, shown) for each in texts],
        counts=(len(desk.here), len(desk.there)),
        contrasts=contrasts,
        rarest=round(exp(RARE)),
        firings=firings,
        on_token=on_token,
        name=exploring.name(shown, desk.level) if shown else None,
        token=desk.token,
        pick=desk.pick,
        collected=desk.collected,
    )


def values_of(stage: Stage, reading: Reading, pick: Pick | None) -> tuple[float, ...]:
    """Of one feature on each token, or the strongest of any."""
    if pick is not None:
        return stage.game.exploring.trail(reading, pick.feature)
    return tuple(max((value for _, value in fired), default=0.0) for fired in reading.features)


def draw_candidates(stage: Stage, desk: HuntDesk) -> Markup:
    """The collected features, each with a button to submit it."""
    candidates = [(pick, stage.game.exploring.name(pick, desk.level)) for pick in desk.collected]
    return render(stage.words, "pages/hunt/candidates", candidates=candidates, chosen=desk.pick)


def draw_card(stage: Stage, desk: HuntDesk) -> Markup:
    if desk.pick is None:
        return frame.empty(stage.words("card.empty"))
    if not stage.game.exploring.measured(desk.pick):
        return card.bare(stage.words, desk.pick, open_page=True)
    shown = stage.game.exploring.card(desk.pick, desk.level)
    names = [
        stage.game.exploring.name(Pick(shown.site, index), desk.level)
        for index in shown.topkCosSimIndices[: card.NEAREST_SHOWN]
    ]
    name = stage.game.exploring.name(desk.pick, desk.level)
    kept = desk.pick in desk.collected
    # Where a level hides labels nothing links to the page that shows them.
    return card.draw(stage.words, shown, name, names, bool(shown.explanations), kept)


def examples(stage: Stage, level: HuntLevel) -> Markup:
    """Texts to begin with: the level's own, and a button for pairs from the collection."""
    pairs = stage.game.exploring.offered(level.id)
    return render(stage.words, "pages/hunt/examples", texts=level.examples, pairs=len(pairs))
