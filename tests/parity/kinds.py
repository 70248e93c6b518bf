"""All kinds of SAE and all ways of scaling an input, on two families."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.engine_models import save_model
from tests.parity.compare import FEATURES, Cell, Game, compare
from tests.parity.paths import Independent
from tests.parity.places import FAMILIES, LENS, Column
from tests.random_saes import KINDS, SCALINGS, Recipe, save

BOTH = tuple(family for family in FAMILIES if family.key in ("gpt2", "gemma2"))
# What training leaves in the weights; a file may still name it when it was written before its end.
LEFT = ("expected_average_only_in", "covariance_whitening")


@dataclass(frozen=True)
class Way:
    """A column of the table: how the input is scaled, and whether that is in the weights already;
    b_dec: whether it is subtracted from the input first."""

    scaling: str
    folded: bool = True
    b_dec: bool = True

    @property
    def title(self) -> str:
        name = self.scaling.replace("_only_in", "") + ("" if self.folded else ", not folded")
        return name if self.b_dec else f"{name}, no b_dec"


WAYS = (
    *(Way(scaling) for scaling in SCALINGS),
    *(Way(scaling, folded=False) for scaling in LEFT),
    *(Way(scaling, b_dec=False) for scaling in SCALINGS),
)


def ways(kind: str) -> list[Way]:
    """A transcoder never subtracts b_dec: it belongs to another place."""
    return [way for way in WAYS if way.b_dec or "transcoder" not in kind]


def column(kind: str) -> Column:
    return Column(kind, "mlp_in", "mlp_out") if "transcoder" in kind else Column(kind, "resid_post")


def recipe(kind: str, way: Way) -> Recipe:
    at = column(kind)
    return Recipe(
        LENS[at.reads].format(1),
        kind,
        LENS[at.writes].format(1) if at.writes else "",
        way.scaling,
        way.folded,
        way.b_dec,
        features=FEATURES,
    )


@cache
def cells(key: str) -> dict[tuple[str, Way], Cell]:
    """On one family of BOTH."""
    family = next(family for family in BOTH if family.key == key)
    pairs = [(kind, way) for kind in KINDS for way in ways(kind)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_model(folder / "model", key)
        saes = {
            pair: save(folder / f"sae-{number}", recipe(*pair)) for number, pair in enumerate(pairs)
        }
        with Game(folder / "model", {each.name: each for each in saes.values()}) as game:
            independent = Independent(folder / "model", family, game.ids)
            return {
                (kind, way): compare(
                    game, at, independent, independent.seen(column(kind)),
                    (column(kind).reads, column(kind).writes or column(kind).reads),
                )
                for (kind, way), at in saes.items()
            }  # fmt: skip
