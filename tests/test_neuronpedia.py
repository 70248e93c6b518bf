"""Neuronpedia's export: what is read, what is damaged, what an atlas shows and finds of it."""

import gzip
import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from playground.atlas import neuronpedia, tables
from playground.atlas.atlas import Atlas
from playground.atlas.cards import Explanation, Neuronpedia
from playground.atlas.neuronpedia import Target
from playground.errors import AuthorError
from playground.messages import Message
from tests import neuronpedia_export as export
from tests.neuronpedia_export import (
    ALL,
    SOURCE,
    WIDTH,
    activation,
    explanation,
    feature,
    imported,
    lines,
)

LONG = 8_000  # lines


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    return export.atlas_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export.write(tmp_path / "export", export.usual())
    return tmp_path / "export"


def target(atlas: Path) -> Target:
    return Target(SOURCE, atlas, "early", WIDTH)


# -- reading ---------------------------------------------------------------------------------------
def test_an_export_comes_back_feature_by_feature(atlas: Path, folder: Path) -> None:
    report = neuronpedia.convert(folder, target(atlas))
    assert report.rows == {"explanations": 4, "features": 4, "activations": 6}
    assert (report.files, report.damaged, report.explained) == (4, 0, 3)
    assert imported(atlas) == ALL
    opened = Atlas.open(atlas)
    told = opened.card("early", 1).neuronpedia
    assert told
    assert (told.source, told.index, told.frac_nonzero) == (SOURCE, 1, pytest.approx(0.0037))
    assert told.explanations == (
        Explanation("words about felines", "oai_token-act-pair", "gpt-4o-mini"),
        Explanation("purring", "oai_token-act-pair", "claude-4-5-haiku"),
    )
    strong, weak = told.activations
    assert (strong.maxValue, strong.tokens[-1], len(strong.tokens)) == (11.0, " kitten", 12)
    assert strong.maxValueTokenIndex == 11
    assert (weak.tokens[weak.maxValueTokenIndex], len(weak.tokens)) == (" cat", 24)
    assert weak.dataSource == "Neuronpedia"
    own = Message("atlas.word", token="label1")
    assert opened.card("early", 1).label == own  # the atlas' own stays first
    dots = opened.card("early", 10).neuronpedia
    assert dots
    assert [each.maxValue for each in dots.activations] == [7.0, 6.0, 5.0, 4.0]
    nobody = opened.card("early", 2).neuronpedia
    assert nobody
    assert nobody.explanations == (Explanation("the sea", "oai_token-act-pair", ""),)
    silent = opened.card("early", 3).neuronpedia
    assert silent == Neuronpedia(SOURCE, 3)


def test_what_neuronpedia_measured_is_kept_as_its_own(atlas: Path, folder: Path) -> None:
    neuronpedia.convert(folder, target(atlas))
    card = Atlas.open(atlas).card("early", 1)
    told = card.neuronpedia
    assert told
    assert told.maxActApprox == pytest.approx(88.3)
    assert (told.pos_str, told.pos_values) == ((" cat",) * 10, (1.0,) * 10)
    assert (told.neg_str, told.neg_values) == ((" sea",) * 10, (-1.0,) * 10)
    bars = (0.5,) * 50
    assert (told.freq_hist_data_bar_heights, told.freq_hist_data_bar_values) == (bars, bars)
    assert (told.logits_hist_data_bar_heights, told.logits_hist_data_bar_values) == (bars, bars)
    assert card.maxActApprox != told.maxActApprox  # ours stays ours
    assert card.pos_str != told.pos_str


@pytest.mark.parametrize("kind", tables.NEURONPEDIA)
def test_an_import_adds_and_what_it_does_not_have_stays(
    atlas: Path, folder: Path, tmp_path: Path, kind: str
) -> None:
    neuronpedia.convert(folder, target(atlas))
    before = [Atlas.open(atlas).card("early", n).neuronpedia for n in range(WIDTH)]
    rows = {
        "explanations": explanation(1, "cats and kittens"),
        "features": feature(1, 0.25),
        "activations": activation(1, "Ġlynx", 13.0),
    }
    export.write(tmp_path / "more", {f"{kind}/batch-0.jsonl.gz": lines([rows[kind]])})
    report = neuronpedia.convert(tmp_path / "more", target(atlas))
    assert report.rows == {each: int(each == kind) for each in tables.NEURONPEDIA}
    assert report.explained == 3
    stayed = {"explanations": 12, "features": 13, "activations": 12}[kind]
    assert report.stayed == stayed
    assert f"{stayed} rows of earlier imports stay" in str(report)
    after = [Atlas.open(atlas).card("early", n).neuronpedia for n in range(WIDTH)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [
        n != 1 for n in range(WIDTH)
    ]
    old, new = before[1], after[1]
    assert old and new
    changed = {
        "explanations": [each.description for each in new.explanations] == ["cats and kittens"],
        "features": new.frac_nonzero == 0.25,
        "activations": [each.maxValue for each in new.activations] == [13.0],
    }
    same = {
        "explanations": new.explanations == old.explanations,
        "features": new.frac_nonzero == old.frac_nonzero,
        "activations": new.activations == old.activations,
    }
    assert changed[kind]
    assert [each for each in same if not same[each]] == [kind]


def test_the_same_import_again_changes_nothing(atlas: Path, folder: Path) -> None:
    neuronpedia.convert(folder, target(atlas))
    before = {name: (atlas / name).read_bytes() for name in imported(atlas)}
    assert neuronpedia.convert(folder, target(atlas)).stayed == 0
    assert {name: (atlas / name).read_bytes() for name in imported(atlas)} == before


def test_an_earlier_import_that_is_damaged_is_told_and_made_anew(atlas: Path, folder: Path) -> None:
    neuronpedia.convert(folder, target(atlas))
    path = atlas / tables.neuronpedia_name("explanations", "early")
    path.write_bytes(path.read_bytes()[:30])
    report = neuronpedia.convert(folder, target(atlas))
    assert report.places[0].startswith(f"{path}:0: an earlier import, which cannot be kept: ")
    assert report.damaged == 1
    told = Atlas.open(atlas).card("early", 2).neuronpedia
    assert told and told.explanations[0].description == "the sea"


def test_of_another_sae_nothing_stays(atlas: Path, folder: Path, tmp_path: Path) -> None:
    neuronpedia.convert(folder, target(atlas))
    row = {"index": "9", "description": "theirs"}
    export.write(tmp_path / "other", {"explanations/batch-0.jsonl.gz": lines([row])})
    report = neuronpedia.convert(tmp_path / "other", Target("a/b", atlas, "early", WIDTH))
    assert (report.stayed, report.explained) == (0, 1)
    assert Atlas.open(atlas).card("early", 1).neuronpedia == Neuronpedia("a/b", 1)


def test_what_is_packed_or_plain_and_where_it_lies_is_found(atlas: Path, tmp_path: Path) -> None:
    plain = tmp_path / "mirror" / "v1" / SOURCE / "explanations" / "batch-0.jsonl"
    plain.parent.mkdir(parents=True)
    plain.write_bytes(lines([explanation(5, "plain")]))
    plain.with_name(".batch-1.jsonl.gz.partial").write_bytes(b"half")
    report = neuronpedia.convert(tmp_path / "mirror", target(atlas))
    assert (report.files, report.rows["explanations"]) == (1, 1)
    assert report.rows["features"] == report.rows["activations"] == 0


def test_unknown_and_missing_fields_break_nothing(atlas: Path, tmp_path: Path) -> None:
    told = [
        {"index": 0, "description": "bare", "neverHeardOf": {"a": [1]}},
        {"index": "1"},
        {"index": "2", "description": None, "typeName": 3},
        {"index": "3", "description": 17},
        explanation(4, "scored") | {"scores": [{"value": 0.5}, {"value": 1}, {"value": "x"}, 3]},
        explanation(5, "odd scores") | {"scores": {"value": 1}},
        explanation(6, "half a pair \ud83d"),
        explanation(7, "long " * 1000),
    ]
    bare = {name: None for names in tables.NEURONPEDIA_BARS for name in names}
    measured = [
        {"index": "0"},
        {"index": "1", "frac_nonzero": "often", "maxActApprox": -1},
        feature(2, float("nan")) | bare | {"maxActApprox": 10**400},
        feature(3, 10**400) | {"neg_values": ["x"], "pos_str": ["half \ud83d", 3]},
        feature(4, 0.5) | {"freq_hist_data_bar_heights": [1] * 49, "pos_str": ["\udc00"] * 10},
    ]
    texts = [
        {"index": "0"},
        activation(1, "x", 1.0) | {"tokens": None},
        activation(1, "x", 1.0) | {"values": [1.0]},
        activation(1, "x", 1.0) | {"tokens": [1] * 128},
        {"index": "2", "tokens": ["a", "\udc00"], "values": [None, 2]},
    ]
    files = {"explanations": told, "features": measured, "activations": texts}
    export.write(
        tmp_path / "odd", {f"{kind}/batch-0.jsonl.gz": lines(each) for kind, each in files.items()}
    )
    report = neuronpedia.convert(tmp_path / "odd", target(atlas))
    assert report.damaged == 0
    assert report.rows == {"explanations": 5, "features": 3, "activations": 1}
    opened = Atlas.open(atlas)
    cards = [opened.card("early", n).neuronpedia for n in range(8)]
    first = [each.explanations[:1] for each in cards if each]
    assert first[0] == (Explanation("bare", "", ""),)
    assert [each[0].score for each in (first[4], first[5])] == [0.75, None]
    assert first[6][0].description == "half a pair ?"
    assert len(str(first[7][0].description)) == neuronpedia.TEXT_LENGTH
    two, three, four = cards[2:5]
    assert two and three and four
    assert two.activations[0].tokens == ("a", "?")
    assert (two.frac_nonzero, two.maxActApprox, two.logits_hist_data_bar_heights) == (
        None,
        None,
        (),
    )
    assert two.pos_str == (" cat",) * 10
    assert (three.frac_nonzero, three.pos_str, three.pos_values) == (None, (), ())
    assert (three.neg_str, three.neg_values) == ((), ())
    assert (four.freq_hist_data_bar_heights, four.freq_hist_data_bar_values) == ((), ())
    assert (four.frac_nonzero, four.pos_str) == (0.5, ("?",) * 10)


DAMAGE: dict[str, tuple[bytes, str]] = {
    "cut": (b'{"index": "1", "descr', "no JSON: "),
    "no object": (b'["index", 1]', "no JSON object"),
    "no text": (b'{"index": "1", "description": "\xff"}', "no JSON: "),
    "deep": (b"[" * 100_000, "no JSON: "),
    "no index": (b'{"description": "x"}', "no feature's number in `index`: 'None'"),
    "negative": (b'{"index": -1}', "no feature's number"),
    "a word": (b'{"index": "one"}', "no feature's number in `index`: 'one'"),
    "true": (b'{"index": true}', "no feature's number"),
    "endless": (b'{"index": "' + b"1" * 5000 + b'"}', "no feature's number"),
}


@pytest.mark.parametrize("fault", DAMAGE)
def test_a_damaged_line_is_told_with_file_and_line(atlas: Path, tmp_path: Path, fault: str) -> None:
    line, reason = DAMAGE[fault]
    good = [lines([explanation(n, f"good {n}")]) for n in range(2)]
    name = "explanations/batch-0.jsonl.gz"
    export.write(tmp_path / "hurt", {name: good[0] + b"\n" + line + b"\n" + good[1]})
    report = neuronpedia.convert(tmp_path / "hurt", target(atlas))
    assert (report.lines, report.damaged, report.rows["explanations"]) == (3, 1, 2)
    place = f"{tmp_path / 'hurt' / name}:3: "
    assert report.places[0].startswith(place + reason)
    assert "1 damaged lines were left out" in str(report)
    assert place in str(report)


def test_only_the_first_damaged_lines_are_listed(atlas: Path, tmp_path: Path) -> None:
    export.write(tmp_path / "hurt", {"features/batch-0.jsonl.gz": b"{\n" * 40})
    report = neuronpedia.convert(tmp_path / "hurt", target(atlas))
    assert report.damaged == 40
    assert len(report.places) == neuronpedia.DAMAGE_SHOWN
    assert len(str(report).splitlines()) == 2 + neuronpedia.DAMAGE_SHOWN


def test_a_line_without_an_end_is_passed_over(
    atlas: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neuronpedia, "LONGEST", 1000)
    endless = json.dumps({"index": "1", "description": "x" * 5000}).encode() + b"\n"
    short = b'{"index": "2", "description": "short"}\n'
    export.write(tmp_path / "hurt", {"explanations/batch-0.jsonl.gz": endless + short})
    report = neuronpedia.convert(tmp_path / "hurt", target(atlas))
    assert (report.damaged, report.rows["explanations"]) == (1, 1)
    assert report.places[0].endswith(":1: the line is too long")


@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_file_that_breaks_off_keeps_what_came_before(
    atlas: Path, tmp_path: Path, kept: float
) -> None:
    path = tmp_path / "hurt" / "explanations" / "batch-0.jsonl.gz"
    path.parent.mkdir(parents=True)
    packed = gzip.compress(lines(explanation(n % 64, f"nr {n}") for n in range(2000)))
    path.write_bytes(packed[: int(kept * len(packed))])
    path.with_name("batch-1.jsonl.gz").write_bytes(gzip.compress(lines([explanation(9, "last")])))
    report = neuronpedia.convert(tmp_path / "hurt", target(atlas))
    assert 100 < report.rows["explanations"] < 2001
    assert "the file breaks off" in str(report.places)
    told = Atlas.open(atlas).card("early", 9).neuronpedia
    assert told
    assert told.explanations[-1].description == "last"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            explanation(WIDTH, "x"),
            f"batch-0.jsonl.gz:2: feature {WIDTH}, but the SAE of site early has {WIDTH} features",
        ),
        (explanation(0, "x") | {"layer": "8-res-jb"}, ":2: is of gpt2-small/8-res-jb, not of"),
        (explanation(0, "x") | {"modelId": "gemma-2-2b"}, ":2: is of gemma-2-2b/4-res-jb"),
    ],
)
def test_another_saes_export_is_refused_and_the_last_import_stays(
    atlas: Path, folder: Path, tmp_path: Path, row: dict[str, Any], message: str
) -> None:
    neuronpedia.convert(folder, target(atlas))
    before = {name: (atlas / name).read_bytes() for name in imported(atlas)}
    name = "explanations/batch-0.jsonl.gz"
    export.write(tmp_path / "other", {name: lines([explanation(1, "new"), row])})
    with pytest.raises(AuthorError, match=re.escape(message)) as caught:
        neuronpedia.convert(tmp_path / "other", target(atlas))
    assert "\n" not in str(caught.value)
    assert {name: (atlas / name).read_bytes() for name in imported(atlas)} == before


def test_a_folder_without_an_export_is_refused(atlas: Path, tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="no export of Neuronpedia lies here; expected expl"):
        neuronpedia.convert(tmp_path, target(atlas))


def test_reading_takes_little_memory_however_long_the_file(atlas: Path, tmp_path: Path) -> None:
    path = tmp_path / "long" / "explanations" / "batch-0.jsonl.gz"
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wb", compresslevel=1) as file:
        for n in range(LONG):
            file.write(lines([explanation(n % WIDTH, f"a text with the number {n}")]))
    tracemalloc.start()
    try:
        report = neuronpedia.convert(tmp_path / "long", target(atlas))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.rows["explanations"] == LONG
    assert peak < 4 << 20  # the lines are four times as much


# -- the atlas -------------------------------------------------------------------------------------
def test_search_finds_what_neuronpedia_says(atlas: Path, folder: Path) -> None:
    assert Atlas.open(atlas).search("Felines") == []
    neuronpedia.convert(folder, target(atlas))
    opened = Atlas.open(atlas)
    assert [(hit.site, hit.index) for hit in opened.search("Felines")] == [("early", 1)]
    assert [hit.index for hit in opened.search("purr", "early")] == [1]
    assert opened.search("purr", "late") == []


@pytest.mark.parametrize("fault", ["missing", "damaged"])
@pytest.mark.parametrize("kind", tables.NEURONPEDIA)
def test_a_damaged_import_is_named(atlas: Path, folder: Path, kind: str, fault: str) -> None:
    neuronpedia.convert(folder, target(atlas))
    path = atlas / tables.neuronpedia_name(kind, "early")
    if fault == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(AuthorError, match="damaged; import it again or remove it") as caught:
        Atlas.open(atlas)
    assert str(path) in str(caught.value)


def test_a_source_is_known_from_the_registry_or_the_atlas(atlas: Path) -> None:
    assert Atlas.open(atlas).card("early", 7).neuronpedia is None
    opened = Atlas.open(atlas, {"early": SOURCE, "late": ""})
    assert opened.card("early", 7).neuronpedia == Neuronpedia(SOURCE, 7)
    assert opened.card("late", 7).neuronpedia is None
    meta = tables.read_json(atlas / tables.META)
    meta["sites"]["late"]["neuronpedia"] = "a/b"
    tables.write_json(atlas / tables.META, meta)
    assert Atlas.open(atlas).card("late", 7).neuronpedia == Neuronpedia("a/b", 7)
