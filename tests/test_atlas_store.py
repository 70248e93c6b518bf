from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from playground.atlas import labels, tables
from playground.atlas.atlas import Atlas
from playground.errors import AuthorError, PlayerError
from playground.messages import Message
from playground.text.words import Words

CARDS, ENTRIES = 64, 2500
WORDS = [f"word{n}" for n in range(40)]


def word(token: str) -> str:
    return labels.kept(Message("atlas.word", token=token))


def card_row(index: int) -> dict[str, object]:
    """A card as large as a real one."""
    examples, length = 18, 24
    bars = list(range(tables.BARS))
    return {
        "index": index, "maxActApprox": 2.5, "frac_nonzero": 0.01,
        "pos_str": WORDS[:10], "pos_values": [1.0] * 10,
        "neg_str": WORDS[10:20], "neg_values": [-1.0] * 10,
        "freq_heights": bars, "logits_heights": bars, "logits_from": -1.0, "logits_to": 1.0,
        "near": list(range(10)), "near_cosines": [0.5] * 10,
        "label": word(f"label{index}"), "made": "top-token", "fits": 7, "of": 8, "share": 0.9,
        "concepts": WORDS[:8], "aurocs": [0.9] * 8,
        "example_lengths": [length] * examples,
        "example_tokens": [n % len(WORDS) for n in range(examples * length)],
        "example_values": [float(n % length == 5) * 2.5 for n in range(examples * length)],
        "example_peaks": [5] * examples, "example_from": [0.0] * examples,
        "example_to": [2.5] * examples, "example_shares": [1.0] * examples,
        "example_sources": [0] * examples,
    }  # fmt: skip


def entry_row(site: str, index: int, **changed: object) -> dict[str, object]:
    row: dict[str, object] = {
        "site": site, "index": index, "label": word(f"nr{index}x"), "apart": "",
        "english": f"the word 'nr{index}x'", "top": ["of", "and"],
        "concepts": [], "score": 0.5, "frac_nonzero": 0.01,
    }  # fmt: skip
    return row | changed


CATS = {"label": labels.kept(labels.called("cats")), "english": "cats"}


def write(folder: Path, entries: Sequence[dict[str, object]]) -> None:
    about = {"norm": 3.0, "width": ENTRIES}
    for site in ("early", "late"):
        rows = [card_row(n) for n in range(CARDS)]
        tables.write_rows(
            folder / tables.cards_name(site), tables.CARD_SCHEMA, rows, tables.CARDS_A_GROUP
        )
    tables.write_rows(folder / tables.INDEX, tables.INDEX_SCHEMA, entries)
    tables.write_json(folder / tables.PIECES, WORDS)
    recipe = {
        "site": "late",
        "feature": 3,
        "method": "clamp",
        "scope": "all",
        "strength": 0.5,
        "curve": [],
    }
    entry = {"concept": "cats", "detectors": [{"site": "early", "feature": 1, "auroc": 0.9}]}
    tables.write_json(folder / tables.CONCEPTS, [entry | {"recipes": [recipe]}])
    sites = {"late": about | {"layer": 5}, "early": about | {"layer": 1}}
    usual = {"mean": -1.0, "sd": 0.2, "samples": 9}
    meta = {"format": tables.FORMAT, "seed": 0, "usual": usual, "sums": {}, "sites": sites}
    meta |= {"graded": {WORDS[0]: [24, 600]}}
    tables.write_json(folder / tables.META, meta)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("atlas")
    special = {
        0: entry_row("early", 0, score=0.7, **CATS),
        1: entry_row("early", 1, label=word("cats"), english="the word 'cats'"),
        2: entry_row("early", 2, label=word("concatenation"), english="concatenation"),
        3: entry_row("early", 3, concepts=["Cats"]),
        4: entry_row("early", 4, top=["scat"]),
    }
    rows = [special.get(n) or entry_row("early", n) for n in range(ENTRIES)]
    rows += [entry_row("late", n) for n in range(ENTRIES - 1)]
    write(made, [*rows, entry_row("late", ENTRIES - 1, score=0.9, apart=word("paw"), **CATS)])
    return made


@pytest.fixture(scope="module")
def atlas(folder: Path) -> Atlas:
    return Atlas.open(folder)


def test_sites_stand_in_the_order_of_their_blocks(atlas: Atlas) -> None:
    assert atlas.sites == ("early", "late")
    assert atlas.norms == {"early": 3.0, "late": 3.0}


def test_a_card_has_all_its_parts(atlas: Atlas) -> None:
    card = atlas.card("late", 17)
    assert (card.site, card.index) == ("late", 17)
    assert card.label == Message("atlas.word", token="label17")
    assert card.support is not None
    assert (card.support.fits, card.support.of) == (7, 8)
    assert card.support.share == pytest.approx(0.9)
    assert (card.graded[0], card.graded[1], card.apart) == ((24, 600), (0, 0), "")
    assert len(card.activations) == 18
    assert card.activations[1].tokens[0] == WORDS[24]
    assert (card.activations[1].maxValue, card.activations[1].maxValueTokenIndex) == (2.5, 5)
    assert card.freq_hist_data_bar_values[0] == pytest.approx(0.025)
    assert card.logits_hist_data_bar_values[-1] == pytest.approx(0.98)
    assert atlas.card("late", 17) is card


def test_label_matches_come_first_then_concepts_then_tokens(atlas: Atlas) -> None:
    hits = atlas.search("CAT")
    assert [Words().said(hit.label) for hit in hits[:3]] == ["cats", "cats", "the word 'cats'"]
    hits = atlas.search(" cats ")
    assert [(hit.site, hit.index) for hit in hits] == [
        ("late", ENTRIES - 1), ("early", 0), ("early", 1), ("early", 3),
    ]  # fmt: skip
    assert hits[0].apart == Message("atlas.word", token="paw")
    assert [hit.index for hit in atlas.search("scat")] == [4]


def test_search_at_one_site_by_number_and_with_a_limit(atlas: Atlas) -> None:
    assert [hit.index for hit in atlas.search("cats", site="late")] == [ENTRIES - 1]
    assert [(hit.site, hit.index) for hit in atlas.search("77")[:2]] == [
        ("early", 77),
        ("late", 77),
    ]
    assert len(atlas.search("word", limit=7)) == 7
    assert atlas.search("word", limit=0) == []
    assert Words().said(atlas.search("")[0].label) == "cats"
    assert atlas.search("no such thing") == []


def test_a_card_reads_one_group_of_rows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many features the site has."""
    read = list[int]()
    whole = pq.ParquetFile.read_row_group

    def noted(file: pq.ParquetFile, number: int, **how: bool) -> pa.Table:
        read.append(number)
        return whole(file, number, **how)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", noted)
    atlas = Atlas.open(folder)
    read.clear()
    for index in (0, tables.CARDS_A_GROUP - 1, tables.CARDS_A_GROUP):
        assert atlas.card("early", index).index == index
    assert read == [0, 0, 1]


@pytest.mark.parametrize("act", ["card", "label"])
def test_an_unknown_feature_is_told_the_range(atlas: Atlas, act: str) -> None:
    with pytest.raises(PlayerError, match=r"no_feature\(feature=2500, site=early, last=2499\)"):
        getattr(atlas, act)("early", ENTRIES)
    with pytest.raises(PlayerError, match="feature=-1"):
        getattr(atlas, act)("early", -1)
    with pytest.raises(PlayerError, match=r"errors.no_site\(site=top, known=\('early', 'late'\)\)"):
        getattr(atlas, act)("top", 0)
    with pytest.raises(PlayerError, match="site=top"):
        atlas.search("cats", site="top")


def test_concepts_come_back_as_records(atlas: Atlas) -> None:
    entry = atlas.concept("cats")
    assert entry.detectors[0].auroc == 0.9
    assert entry.recipes[0].dial().strength == 0.5
    assert atlas.concepts() == ("cats",)
    with pytest.raises(AuthorError, match="no concept 'dogs'; it has cats"):
        atlas.concept("dogs")


@pytest.mark.parametrize(
    "name",
    [tables.META, tables.PIECES, tables.CONCEPTS, tables.INDEX, tables.cards_name("late")],
)
@pytest.mark.parametrize("fault", ["missing", "damaged"])
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, name: str, fault: str) -> None:
    rows = [entry_row(site, n) for site in ("early", "late") for n in range(3)]
    write(tmp_path, rows)
    path = tmp_path / name
    if fault == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(AuthorError, match=fault) as error:
        Atlas.open(tmp_path)
    assert str(path) in str(error.value)


def test_an_old_format_is_refused(tmp_path: Path) -> None:
    tables.write_json(tmp_path / tables.META, {"format": 0})
    with pytest.raises(AuthorError, match=f"format 0 instead of {tables.FORMAT}"):
        Atlas.open(tmp_path)


def test_an_atlas_may_describe_some_of_the_features(tmp_path: Path) -> None:
    write(tmp_path, [entry_row(site, 3 * n) for site in ("early", "late") for n in range(CARDS)])
    for site in ("early", "late"):
        rows = [card_row(3 * n) for n in range(CARDS)]
        path = tmp_path / tables.cards_name(site)
        tables.write_rows(path, tables.CARD_SCHEMA, rows, tables.CARDS_A_GROUP)
    atlas = Atlas.open(tmp_path)
    assert Words().said(atlas.card("late", 51).label) == "the word 'label51'"
    assert Words().said(atlas.label("late", 51)) == "the word 'nr51x'"
    assert set(atlas.maxima("late")) == set(atlas.features("late")) == set(range(0, 3 * CARDS, 3))
    said = f"feature=50, site=late, count={CARDS}, total={ENTRIES}"
    with pytest.raises(PlayerError, match=said):
        atlas.card("late", 50)
