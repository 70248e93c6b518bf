import dataclasses
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import cast, get_args

import numpy as np
import pytest
import torch

from playground.atlas import (
    build,
    calibrate,
    evaluate,
    harvest,
    labels,
    naming,
    refresh,
    scoring,
    tables,
)
from playground.atlas.atlas import Atlas
from playground.atlas.cards import UNLABELLED, Card
from playground.atlas.features import TOP_EXAMPLES
from playground.atlas.folders import Folders, sums_of
from playground.atlas.harvest import Excerpt, Harvest, Reader
from playground.atlas.sources import topped_up
from playground.atlas.tally import SNIPPET
from playground.concepts.concepts import load_concepts
from playground.concepts.examples import SHARES, part_of
from playground.concepts.overlap import Runs
from playground.engine.local import LocalEngine
from playground.engine.protocol import Engine
from playground.engine.text import Text
from playground.errors import AuthorError
from playground.levels.judging import Bench, load_texts
from playground.pocket import grammar
from scripts.leaks import leaks
from tests.atlas_parts import CONCEPTS, CORPUS, SETTINGS, Made, built, save_parts, short_documents
from tests.engine_models import FEATURES, SITES

KNOWN = {name: load_concepts()[name] for name in CONCEPTS}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = save_parts(tmp_path_factory.mktemp("atlas"))
    built(made)
    return made


@pytest.fixture(scope="module")
def atlas(made: Made) -> Atlas:
    return Atlas.open(made.out)


@pytest.fixture(scope="module")
def cards(atlas: Atlas) -> list[Card]:
    return [atlas.card("middle", feature) for feature in range(FEATURES)]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def read_ids(made: Made) -> list[list[int]]:
    """Every text that the build read, as tokens."""
    text = made.open().text()
    documents = [text.ids(each) for each in CORPUS.texts(KNOWN)(0)]
    samples = tables.read_json(made.folders.work / "samples.json")["samples"]
    return documents + [text.ids(each["prompt"]) + each["ids"] for each in samples]


def test_an_atlas_of_many_sites_has_as_many_cards() -> None:
    assert build.cards_a_site(1) == build.cards_a_site(3) == build.FEATURES
    assert 28 * build.cards_a_site(28) <= 3 * build.FEATURES


def test_it_knows_its_model(atlas: Atlas, made: Made) -> None:
    assert atlas.sites == tuple(SITES)
    assert atlas.concepts() == CONCEPTS
    assert atlas.meta["sums"] == sums_of(made.open())
    assert atlas.usual.samples > 1 and max(atlas.usual.profile) < 0


def test_norms_are_medians_without_the_first_token(atlas: Atlas, made: Made) -> None:
    parts = made.open()
    text, found = Text(parts.tokenizer), []
    with torch.no_grad():
        for document in islice(CORPUS.texts(KNOWN)(0), build.NORM_TEXTS):
            ids = torch.tensor([text.with_start(document)])
            states = parts.model(ids, output_hidden_states=True).hidden_states
            found.append(states[SITES["early"] + 1][0, 1:].norm(dim=-1))
    assert atlas.norms["early"] == pytest.approx(float(torch.cat(found).median()), rel=1e-4)
    assert list(parts.saes) == list(SITES)


def acts_of(made: Made, site: str) -> list[torch.Tensor]:
    """Of every text that the build read, [tokens, features] each, one text at a time."""
    parts = made.open()
    with torch.no_grad():
        return [
            parts.saes[site].encode(
                parts.model(torch.tensor([[0, *ids]]), output_hidden_states=True)
                .hidden_states[SITES[site] + 1][0, 1:]
            )
            for ids in read_ids(made)
        ]  # fmt: skip


def test_peaks_are_maximum_and_mean_of_each_text(made: Made) -> None:
    parts, ids = made.open(), read_ids(made)
    some = [5, 3, 40]
    found = Reader(parts.model, parts.saes, parts.text().lead).peaks(ids, {"middle": some})[
        "middle"
    ]
    for text, acts in enumerate(acts_of(made, "middle")):
        np.testing.assert_allclose(found.highest[text], acts.amax(0)[some], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(found.mean[text], acts.mean(0)[some], rtol=1e-3, atol=1e-4)


def test_sites_are_read_together_while_there_is_room(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, labelled = made.open(), CORPUS.labelled(KNOWN)
    reader, norms = Reader(parts.model, parts.saes, parts.text().lead), dict.fromkeys(SITES, 1.0)
    ids = [parts.text().ids(each) for each in labelled.texts]
    once = scoring.Scoring(reader, labelled, norms)
    assert list(once.together(list(SITES))) == [list(SITES)]
    whole = once.of(list(SITES), ids)
    monkeypatch.setattr(scoring, "FEATURES_AT_ONCE", FEATURES // 2)
    assert list(once.together(list(SITES))) == [[site] for site in SITES]
    for site in SITES:
        (some, fires), (all_of_it, all_fires) = once.of([site], ids)[site], whole[site]
        assert np.array_equal(fires, all_fires)
        for name, table in vars(all_of_it).items():
            np.testing.assert_allclose(vars(some)[name], table, atol=1e-5)


def test_cards_say_what_fired(atlas: Atlas, cards: list[Card], made: Made) -> None:
    acts = torch.cat(acts_of(made, "middle")).numpy()
    for card in cards:
        values = acts[:, card.index]
        assert card.maxActApprox == pytest.approx(values.max(), rel=1e-3)
        assert card.frac_nonzero == pytest.approx((values > 0).mean(), abs=1e-3)
        assert sum(card.freq_hist_data_bar_heights) == pytest.approx((values > 0).sum(), abs=2)
        assert len(card.freq_hist_data_bar_values) == tables.BARS
        assert card.label == atlas.label("middle", card.index)
        assert card.index not in card.topkCosSimIndices
    assert any(card.activations for card in cards)


def test_reading_goes_on_where_it_was_stopped(made: Made, tmp_path: Path) -> None:
    """Another batch, saved half-way, gives the same cards as one that was never stopped."""
    parts = made.open()
    reader = Reader(parts.model, parts.saes, parts.text().lead)
    chosen = {site: range(FEATURES) for site in SITES}
    ids = [[Excerpt(each)] for each in read_ids(made)] * 12
    stopped: list[int] = []

    def texts(skip: int) -> Iterator[list[Excerpt]]:
        for place, each in enumerate(ids[skip:], skip):
            if stopped and place >= stopped[0]:
                raise KeyboardInterrupt
            yield each

    whole = Harvest(reader, chosen, 0, tmp_path / "whole")
    whole.run([harvest.Stretch(texts, 10**9, 0)])
    stopped.append(400)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(harvest, "SAVE_SECONDS", 0.0)
        with pytest.raises(KeyboardInterrupt):
            Harvest(reader, chosen, 0, tmp_path / "cut").run([harvest.Stretch(texts, 10**9, 0)])
    stopped.clear()
    again = Harvest(reader, chosen, 0, tmp_path / "cut")
    assert 0 < again.texts < len(ids)
    again.run([harvest.Stretch(texts, 10**9, 0)])
    for site in SITES:
        expected, found = whole.tallies[site].state(), again.tallies[site].state()
        assert all(torch.equal(each, found[name]) for name, each in expected.items())


def test_no_card_has_a_run_of_words_of_a_graded_text(made: Made, atlas: Atlas) -> None:
    """By a script that reads the files and nothing else; every card, whatever fires."""
    graded, shown, leaked = leaks(made.folders.texts, made.out)
    assert (graded > 20, shown > 200, leaked) == (True, True, 0)
    runs = Runs(each.text for each in CORPUS.kept(CONCEPTS) if part_of(each.text) == "grade")
    texts = {"".join(a.tokens) for site in SITES for n in range(FEATURES)
             for a in atlas.card(site, n).activations}  # fmt: skip
    assert not [text for text in texts if runs.shared(text)]
    assert any(part_of(document) == "show" for document in CORPUS.texts(KNOWN)(0))


def test_cards_come_of_one_part_and_levels_of_all(made: Made, atlas: Atlas) -> None:
    assert {part_of(document) for document in CORPUS.texts(KNOWN)(0)} == {"show"}
    rows = load_texts(made.folders.texts)
    for name, own in rows.items():
        assert {each.part for each in own} == set(SHARES), name
        assert all(each.part == part_of(each.text) for each in own)
    assert atlas.meta["shares"] == SHARES
    bench = Bench(cast(Engine, None), atlas, rows, tuned={})
    for about in (True, False):
        assert {each.part for each in bench.texts("cats", about)} == {"grade"}
        shown = bench.texts("cats", about, "show")
        assert shown and not {each.text for each in shown} & {
            each.text for each in bench.texts("cats", about)
        }
    counts = atlas.graded("cats")
    assert counts[0] >= len(bench.texts("cats", True)) > 0 < counts[1]


def test_a_name_has_its_evidence(cards: list[Card], atlas: Atlas) -> None:
    named = [card for card in cards if card.support]
    assert named and len(named) < len(cards)
    for card in cards:
        hit = atlas.search(str(card.index), card.site, 1)[0]
        assert hit.label == card.label and hit.apart == card.apart
    for card in named:
        assert card.support is not None
        assert card.support.fits <= card.support.of <= TOP_EXAMPLES
        assert 0 < card.support.share <= 1
        assert card.explanations[0].typeName in get_args(naming.Made) and card.label != UNLABELLED


def test_examples_show_the_maximum_of_their_text(cards: list[Card]) -> None:
    for card in cards:
        assert len({each.tokens for each in card.activations}) == len(card.activations)
        for each in card.activations:
            assert len(each.tokens) == len(each.values) <= SNIPPET
            assert each.maxValue == max(each.values) == each.values[each.maxValueTokenIndex] > 0
            assert each.binMin * 0.999 <= each.maxValue <= each.binMax * 1.001
            assert 0 < each.binContains <= 1
            assert each.dataSource in labels.SOURCES.values()
        top = [each.maxValue for each in card.activations[:TOP_EXAMPLES]]
        assert not top or top[0] == pytest.approx(card.maxActApprox, rel=1e-3)


def test_direct_logits_are_the_decoder_row_through_norm_and_head(
    cards: list[Card], made: Made
) -> None:
    parts = made.open()
    model, text, saes = parts.model, Text(parts.tokenizer), parts.saes
    head = model.get_submodule("lm_head").get_parameter("weight").detach()
    gain = model.get_submodule("model.norm").get_parameter("weight").detach()
    logits = head @ (saes["middle"].unit_rows([5])[0] * gain)
    best = logits.topk(10)
    assert cards[5].pos_values == pytest.approx(best.values.tolist(), abs=1e-3)
    assert cards[5].pos_str[0] == text.piece(int(best.indices[0]))
    assert cards[5].neg_values[0] == pytest.approx(float(logits.min()), abs=1e-3)
    assert sum(cards[5].logits_hist_data_bar_heights) == len(logits)


def test_neighbours_point_the_same_way(cards: list[Card], made: Made) -> None:
    rows = made.open().saes["middle"].unit_rows(range(FEATURES))
    cosines = (rows @ rows[7]).index_fill(0, torch.tensor([7]), -2)
    assert cards[7].topkCosSimIndices[0] == int(cosines.argmax())
    assert cards[7].topkCosSimValues[0] == pytest.approx(float(cosines.max()), abs=1e-3)


def test_concepts_have_detectors_and_texts(atlas: Atlas, made: Made) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(made.folders.texts).to_pylist()
    for name in CONCEPTS:
        entry = atlas.concept(name)
        assert len(entry.detectors) == 5
        assert all(0 <= each.auroc <= 1 and each.site in SITES for each in entry.detectors)
        assert {row["about"] for row in rows if row["concept"] == name} == {True, False}
    assert all(
        len(each.curve) == len(calibrate.DOSES)
        for n in CONCEPTS
        for each in atlas.concept(n).recipes
    )


def test_a_finished_build_is_not_done_again(made: Made) -> None:
    work = made.folders.work
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*.*")}
    kept = contents(made.out)
    (made.out / tables.META).unlink()
    (work / "concepts" / "quiz.json").unlink()
    built(made)
    again = {path: path.stat().st_mtime_ns for path in work.rglob("*.*")}
    redone = {path.name for path in before if again[path] != before[path]}
    assert redone == {"quiz.json"}
    assert contents(made.out) == kept


def test_the_same_seed_gives_the_same_files(made: Made, tmp_path: Path) -> None:
    other = Folders.at(tmp_path / "atlas")
    built(made, folders=other)
    assert contents(other.out) == contents(made.out)
    assert other.texts.read_bytes() == made.folders.texts.read_bytes()


def test_settings_of_another_atlas_are_taken_without_a_search(
    made: Made, atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate.RecipeSearch, "best", lambda *each: pytest.fail("it searched"))
    other = Folders.at(tmp_path / "atlas")
    built(made, dataclasses.replace(SETTINGS, recipes=str(made.out)), folders=other)
    again = Atlas.open(other.out)
    for name in CONCEPTS:
        assert again.concept(name).recipes == atlas.concept(name).recipes
    contrary = {site: set(range(FEATURES)) for site in SITES}
    assert all(refresh.recipe_of(made.out, name, contrary) is None for name in CONCEPTS)


def test_features_alone_are_not_steered(
    made: Made, atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate.RecipeSearch, "best", lambda *each: pytest.fail("it searched"))
    monkeypatch.setattr(calibrate, "baseline", lambda *each: pytest.fail("it wrote"))
    other = Folders.at(tmp_path / "atlas")
    built(made, dataclasses.replace(SETTINGS, search=False), folders=other)
    again = Atlas.open(other.out)
    for name in CONCEPTS:
        entry = again.concept(name)
        assert entry.detectors == atlas.concept(name).detectors
        assert not (entry.recipes or entry.places or entry.ladders)


def test_another_plan_does_not_go_on_with_this_build(made: Made) -> None:
    with pytest.raises(AuthorError, match="another model, seed or plan"):
        built(made, dataclasses.replace(SETTINGS, tokens=25))
    with pytest.raises(AuthorError, match="no concept 'kats'"):
        built(made, dataclasses.replace(SETTINGS, concepts=("kats",)))


def test_evaluation_writes_its_tables(made: Made, tmp_path: Path) -> None:
    wanted = evaluate.Evaluation(made.open, made.folders, tmp_path / "report.md", 2, 0)
    report = evaluate.evaluate(wanted, short_documents)
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == report
    assert "4 concepts" in report and "| their words shuffled |" in report
    assert all(f"| {name} |" in report for name in CONCEPTS)


def test_evaluation_refuses_another_model(made: Made, tmp_path: Path) -> None:
    other = save_parts(tmp_path)
    (other.model / "more.safetensors").write_bytes(b"x")
    wanted = evaluate.Evaluation(other.open, made.folders, tmp_path / "r.md", 1, 0)
    with pytest.raises(AuthorError, match="another model"):
        evaluate.evaluate(wanted, short_documents)


def test_a_failed_write_leaves_no_file(tmp_path: Path) -> None:
    def fail(partial: Path) -> None:
        partial.write_text("half", encoding="utf-8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        tables.whole(tmp_path / "made.json", fail)
    assert not (tmp_path / "made.json").exists()


def test_rare_concepts_are_topped_up() -> None:
    written = set(grammar.load().concepts()) - {"story"}
    found = topped_up(short_documents(3, 4000), 50, 4, written)
    counts = Counter((name, part_of(each.text)) for each in found for name in each.concepts)
    assert all(counts[name, part] >= 4 for name in written for part in SHARES)
    assert len(found) < 700


def test_documents_are_judged_on_the_concepts_that_are_written_in_them() -> None:
    found = CORPUS.concepts(load_concepts())
    assert {"cats", "french"} & found and found <= set(grammar.load().concepts())
    assert CORPUS.concepts(["tennis", *sorted(found)]) == found


def test_norms_feed_an_engine(atlas: Atlas, made: Made) -> None:
    parts = made.open()
    engine = LocalEngine(parts.model, parts.tokenizer, parts.saes, atlas.norms)
    engine.close()
    assert engine.sites["late"].norm == atlas.norms["late"]
