import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.atlas import build, calibrate, evaluate, tables
from playground.atlas.cards import Card
from playground.atlas.features import SNIPPET, TOP_EXAMPLES
from playground.atlas.folders import Folders, load_parts, sae_folders, sums_of
from playground.atlas.harvest import Reader, gather
from playground.atlas.store import Atlas
from playground.concepts import load_concepts
from playground.engine.local import LocalEngine
from playground.errors import AuthorError
from tests.atlas_parts import CONCEPTS, SETTINGS, built, save_parts, short_documents
from tests.engine_models import FEATURES, SITES


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    made = save_parts(tmp_path_factory.mktemp("atlas"))
    built(made)
    return made


@pytest.fixture(scope="module")
def atlas(folders: Folders) -> Atlas:
    return Atlas.open(folders.out)


@pytest.fixture(scope="module")
def cards(atlas: Atlas) -> list[Card]:
    return [atlas.card("middle", feature) for feature in range(FEATURES)]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_it_knows_its_model(atlas: Atlas, folders: Folders) -> None:
    assert atlas.sites == tuple(SITES)
    assert atlas.concepts() == CONCEPTS
    assert atlas.meta["sums"] == sums_of(folders)
    assert atlas.usual.samples > 1 and atlas.usual.mean < 0


def test_norms_are_medians_without_the_first_token(atlas: Atlas, folders: Folders) -> None:
    model, text, saes = load_parts(folders)
    with torch.no_grad():
        found = []
        for document in short_documents(build.DOCUMENT_SEED, 256):
            ids = torch.tensor([text.with_start(document.text)])
            states = model(ids, output_hidden_states=True).hidden_states
            found.append(states[SITES["early"] + 1][0, 1:].norm(dim=-1))
    assert atlas.norms["early"] == pytest.approx(float(torch.cat(found).median()), rel=1e-4)
    assert list(saes) == list(SITES)


def test_what_fires_is_what_the_sae_says(folders: Folders) -> None:
    model, text, saes = load_parts(folders)
    texts = ["the cat sat on the mat", "the red barn", "Сегодня"]
    ids = [text.with_start(each) for each in texts]
    path = folders.work / "one.npz"
    tables.write_arrays(path, Reader(model, saes).firing(ids))
    firing = gather([path], "middle", FEATURES)
    with torch.no_grad():
        for place, each in enumerate(ids):
            states = model(torch.tensor([each]), output_hidden_states=True).hidden_states
            expected = saes["middle"].encode(states[SITES["middle"] + 1][0, 1:])
            rows = slice(firing.starts[place], firing.starts[place + 1])
            np.testing.assert_allclose(
                firing.acts[rows].toarray(), expected.numpy(), rtol=1e-3, atol=1e-4
            )


def test_cards_say_what_fired(atlas: Atlas, cards: list[Card], folders: Folders) -> None:
    chunks = sorted((folders.work / "firing").glob("*.npz"))
    acts = gather(chunks, "middle", FEATURES).acts.toarray()
    for card in cards:
        values = acts[:, card.index]
        assert card.maxActApprox == pytest.approx(values.max())
        assert card.frac_nonzero == pytest.approx((values > 0).mean())
        assert sum(card.freq_hist_data_bar_heights) == (values > 0).sum()
        assert len(card.freq_hist_data_bar_values) == tables.BARS
        assert card.label == atlas.label("middle", card.index)
        assert card.index not in card.topkCosSimIndices
    assert any(card.activations for card in cards)


def test_examples_show_the_maximum_of_their_text(cards: list[Card]) -> None:
    for card in cards:
        assert len({each.tokens for each in card.activations}) == len(card.activations)
        for each in card.activations:
            assert len(each.tokens) == len(each.values) <= SNIPPET
            assert each.maxValue == max(each.values) == each.values[each.maxValueTokenIndex] > 0
            assert each.binMin * 0.999 <= each.maxValue <= each.binMax * 1.001
            assert 0 < each.binContains <= 1
            assert each.dataSource in tables.SOURCES
        top = [each.maxValue for each in card.activations[:TOP_EXAMPLES]]
        assert not top or top[0] == pytest.approx(card.maxActApprox, rel=1e-3)


def test_direct_logits_are_the_decoder_row_through_norm_and_head(
    cards: list[Card], folders: Folders
) -> None:
    model, text, saes = load_parts(folders)
    head = model.get_submodule("lm_head").get_parameter("weight").detach()
    gain = model.get_submodule("model.norm").get_parameter("weight").detach()
    logits = head @ (saes["middle"].unit_rows([5])[0] * gain)
    best = logits.topk(10)
    assert cards[5].pos_values == pytest.approx(best.values.tolist(), abs=1e-3)
    assert cards[5].pos_str[0] == text.piece(int(best.indices[0]))
    assert cards[5].neg_values[0] == pytest.approx(float(logits.min()), abs=1e-3)
    assert sum(cards[5].logits_hist_data_bar_heights) == len(logits)


def test_neighbours_point_the_same_way(cards: list[Card], folders: Folders) -> None:
    rows = load_parts(folders)[2]["middle"].unit_rows(range(FEATURES))
    cosines = (rows @ rows[7]).index_fill(0, torch.tensor([7]), -2)
    assert cards[7].topkCosSimIndices[0] == int(cosines.argmax())
    assert cards[7].topkCosSimValues[0] == pytest.approx(float(cosines.max()), abs=1e-3)


def test_concepts_have_detectors_and_texts(atlas: Atlas, folders: Folders) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(folders.texts).to_pylist()
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


def test_a_finished_build_is_not_done_again(folders: Folders) -> None:
    before = {path: path.stat().st_mtime_ns for path in folders.work.rglob("*.*")}
    made = contents(folders.out)
    (folders.out / tables.META).unlink()
    (folders.work / "concepts" / "quiz.json").unlink()
    built(folders)
    again = {path: path.stat().st_mtime_ns for path in folders.work.rglob("*.*")}
    redone = {path.name for path in before if again[path] != before[path]}
    assert redone == {"quiz.json", "inputs.json"}
    assert contents(folders.out) == made


def test_the_same_seed_gives_the_same_files(folders: Folders, tmp_path: Path) -> None:
    other = Folders(folders.model, folders.saes, tmp_path / "atlas")
    built(other)
    assert contents(other.out) == contents(folders.out)
    assert other.texts.read_bytes() == folders.texts.read_bytes()


def test_another_plan_does_not_go_on_with_this_build(folders: Folders) -> None:
    with pytest.raises(AuthorError, match="another model, seed or plan"):
        built(folders, dataclasses.replace(SETTINGS, documents=25))
    with pytest.raises(AuthorError, match="no concept 'kats'"):
        built(folders, dataclasses.replace(SETTINGS, concepts=("kats",)))


def test_evaluation_writes_its_tables(folders: Folders, tmp_path: Path) -> None:
    wanted = evaluate.Wanted(folders, tmp_path / "report.md", 2, 0)
    report = evaluate.evaluate(wanted, short_documents)
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == report
    assert "4 concepts" in report and "| their words shuffled |" in report
    assert all(f"| {name} |" in report for name in CONCEPTS)


def test_evaluation_refuses_another_model(folders: Folders, tmp_path: Path) -> None:
    other = save_parts(tmp_path)
    (other.model / "more.safetensors").write_bytes(b"x")
    wanted = evaluate.Wanted(dataclasses.replace(other, out=folders.out), tmp_path / "r.md", 1, 0)
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
    found = build.topped_up(short_documents(3, 4000), 50, 4, load_concepts())
    counts = {name: sum(name in each.concepts for each in found) for name in load_concepts()}
    assert min(counts.values()) >= 4
    assert len(found) < 600


def test_norms_feed_an_engine(atlas: Atlas, folders: Folders) -> None:
    paths = {path.name: path for path in sae_folders(folders.saes)}
    engine = LocalEngine.load(folders.model, paths, atlas.norms, device="cpu")
    engine.close()
    assert engine.sites["late"].norm == atlas.norms["late"]
