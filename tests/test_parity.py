"""Every family, point, and kind of SAE: our activations are sae-lens', our steered logits a
hand-written hook's. tests/parity/ holds the comparisons, docs/models.md what came of them."""

import pytest

from playground.errors import EngineError
from tests.engine_models import CONFIGS
from tests.parity import centred, families, kinds, table
from tests.parity.places import (
    FAMILIES,
    LENS_COLUMNS,
    PATH_COLUMNS,
    Column,
    Family,
    refusal,
)
from tests.random_saes import KINDS, SCALINGS, sae_lens

EVERYWHERE = [
    pytest.param(family, column, id=f"{family.key}{family.note and '-linear'}-{column.site}")
    for family in FAMILIES
    for column in (*LENS_COLUMNS, *PATH_COLUMNS)
]
REFUSED = [each for each in EVERYWHERE if refusal(each.values[0], each.values[1])]  # pyright: ignore
GPT2 = FAMILIES[0]


@pytest.mark.parametrize(("family", "column"), [each for each in EVERYWHERE if each not in REFUSED])
def test_every_point_of_every_family(family: Family, column: Column) -> None:
    cell = families.cells(family)[column]
    assert cell.holds, cell
    # Not by hand where TransformerLens opens the family and has the point.
    by_hand = {"mlp_branch", *(("attn_raw", "attn_out") if family.note else ())}
    known = family.bridged and column.reads not in by_hand
    assert (cell.path == "T") is (known and column.spelt == "lens")


@pytest.mark.parametrize(("family", "column"), REFUSED)
def test_a_point_that_a_family_lacks_is_refused(family: Family, column: Column) -> None:
    with pytest.raises(EngineError, match=refusal(family, column)):
        families.refused(family, column)


@pytest.mark.parametrize("place", ["attn_normalized", "mlp_normalized"])
def test_what_a_norm_only_passes_on_cannot_be_written(place: str) -> None:
    with pytest.raises(EngineError, match="there nothing can be added"):
        families.refused(GPT2, Column(place, place))


@pytest.mark.parametrize("family", kinds.BOTH, ids=lambda family: family.key)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_every_scaling(family: Family, kind: str) -> None:
    found = {way.title: kinds.cells(family.key)[kind, way] for way in kinds.ways(kind)}
    assert {title: cell for title, cell in found.items() if not cell.holds} == {}


@pytest.mark.parametrize("column", centred.COLUMNS, ids=lambda column: column.site)
def test_saes_of_a_residual_without_its_mean(column: Column) -> None:
    cell, far = centred.cells()[column]
    assert cell.holds, cell
    assert far < centred.CLOSE


def test_nothing_is_left_out() -> None:
    """A family, or a way of scaling, that is added later is compared or this fails."""
    assert {family.key for family in FAMILIES} == set(CONFIGS)
    config = sae_lens().StandardSAEConfig
    for scaling in SCALINGS:
        config(d_in=2, d_sae=2, normalize_activations=scaling)
    with pytest.raises(ValueError, match="normalize_activations must be") as told:
        config(d_in=2, d_sae=2, normalize_activations="other")
    named = str(told.value).partition("must be ")[2].partition(". Got")[0]
    assert set(named.replace(" or ", " ").replace(",", "").split()) == set(SCALINGS)


def test_the_page_says_what_this_run_found() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert table.kept(page) == table.section(), "run `python -m tests.parity`"
