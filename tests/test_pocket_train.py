from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tqdm import tqdm
from transformers import LlamaForCausalLM

from playground.pocket import binding, pushes, rows, saes, train
from playground.pocket import tokenizer as bpe
from playground.pocket.corpus import Document, documents
from playground.pocket.emphasis import spans
from playground.pocket.grammar import load
from playground.pocket.ngram import NgramModel

BOS = 0
TINY = train.Preset(
    16, 4, 2, 32, 300, 24, 2, 60,
    (train.Cycle(4, 1e-2, 2, 0.5), train.Cycle(2, 5e-3, 1, 1.0, pushed=0.9)),
)  # fmt: skip


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the first cycle, from nothing."""
    work = tmp_path_factory.mktemp("pocket")
    train.train(work, replace(TINY, cycles=TINY.cycles[:1]), compile_model=False)
    return work


# -- the schedule
def test_a_cycle_rises_stays_and_falls_to_zero() -> None:
    rates = [train.learning_rate(TINY, step) for step in range(6)]
    assert rates == [5e-3, 1e-2, 1e-2, 5e-3, 5e-3, 2.5e-3]
    with pytest.raises(ValueError, match="ends 0 steps before"):
        train.learning_rate(TINY, 6)


def test_the_long_preset_is_the_cpu_preset_and_more() -> None:
    cpu, long = train.PRESETS["cpu"], train.PRESETS["long"]
    assert long.steps > cpu.steps and replace(long, cycles=cpu.cycles) == cpu
    for step in (0, 500, 9_499, 9_500, cpu.steps - 1):
        assert train.learning_rate(cpu, step) == train.learning_rate(long, step)


# -- what the model sees and what counts
def test_attention_stays_within_a_text() -> None:
    ids = torch.tensor([[BOS, 5, 6, BOS, 7]])
    seen = rows.within_texts(ids, BOS)[0, 0].int().tolist()
    assert seen == [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 0],
                    [0, 0, 0, 1, 1]]  # fmt: skip


def test_a_text_behind_another_is_read_as_if_alone() -> None:
    torch.manual_seed(0)
    model = LlamaForCausalLM(train.configuration(replace(TINY, window=9))).eval()
    second = torch.randint(2, 300, (1, 6))
    second[0, 0] = BOS
    first = torch.randint(2, 300, (1, 5))
    first[0, 0] = BOS
    both = torch.cat([first, second], 1)
    with torch.inference_mode():
        mask = rows.within_texts(both, BOS)
        packed = model(input_ids=both, attention_mask=mask, use_cache=False).logits[:, 5:]
        alone = model(input_ids=second, use_cache=False).logits
    torch.testing.assert_close(packed, alone, atol=1e-4, rtol=1e-4)


def test_marked_tokens_count_more_and_beginnings_do_not_count() -> None:
    torch.manual_seed(0)
    model = LlamaForCausalLM(train.configuration(TINY)).eval()
    ids = torch.tensor([[BOS, 9, 11, BOS, 12]])
    marked = torch.tensor([[False, False, True, True, False]])
    mask = rows.within_texts(ids[:, :-1], BOS)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(input_ids=ids[:, :-1], attention_mask=mask, use_cache=False).logits
    each = -logits.float().log_softmax(-1)[0].gather(1, ids[0, 1:, None])[:, 0]
    plain, weighted = train.loss_of(model, ids), train.loss_of(model, ids, marked)
    weight = torch.tensor([1.0, train.EMPHASIS, 0.0, 1.0])
    assert plain.item() == pytest.approx(each[[0, 1, 3]].mean().item(), rel=1e-4)
    expected = (each * weight).sum() / weight.sum()
    assert weighted.item() == pytest.approx(expected.item(), rel=1e-4)


def test_spans_are_the_words_and_fillings_of_the_own_topics() -> None:
    text = "Ben found a ball of cat yarn in the snow, and a kitten purred."
    document = Document(text, frozenset({"cats", "story"}), switch=False)
    found = {text[start:stop] for start, stop in spans(document, load())}
    assert {"ball of cat yarn", "kitten", "purred"} <= found
    assert not any("snow" in each or "Ben" in each for each in found)


def test_every_document_of_one_topic_has_a_span_of_it() -> None:
    grammar = load()
    for document in documents(21, 60):
        if document.concepts & grammar.topics.keys():
            assert spans(document, grammar)


def test_a_row_begins_with_a_text_and_marks_what_hangs_on_the_topic(tiny: Path) -> None:
    written = rows.Rows.read(tiny, "train")
    ids, marked = written.ids, written.emphasis
    assert ids.shape == marked.shape and ids.shape[1] == TINY.window + 1
    assert (ids[:, 0] == BOS).all() and not marked[ids == BOS].any()
    assert 0.05 < marked.mean() < 0.8


def test_every_document_is_packed(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer, texts = bpe.load(tiny / "tokenizer"), list(documents(23, 50))
    whole = rows.pack(tokenizer, texts, 24)
    monkeypatch.setattr(rows, "AT_ONCE", 7)
    bar = tqdm(texts, disable=True)  # not its own iterator
    packed = rows.pack(tokenizer, bar, 24)
    assert np.array_equal(packed.ids, whole.ids) and packed.ids.shape == packed.emphasis.shape
    assert packed.about.shape == (*packed.ids.shape, 2)
    assert len(packed.ids) >= 40


def test_offsets_meet_ranges() -> None:
    offsets = [(0, 0), (0, 3), (3, 8), (8, 9), (0, 0)]
    assert rows.overlapping(offsets, [(2, 4)]) == [False, True, True, False, False]
    assert rows.overlapping(offsets, []) == [False] * 5


def test_a_text_is_about_its_one_topic_and_mood() -> None:
    grammar = load()
    order = rows.subjects(grammar)
    both = Document("", frozenset({"cats", "happy", "story"}), switch=False)
    assert rows.subject(both, grammar) == (order.index("cats"), order.index("happy"))
    two = Document("", frozenset({"cats", "dogs", "sad"}), switch=False)
    assert rows.subject(two, grammar) == (rows.NOTHING, order.index("sad"))
    turns = Document("", frozenset({"cats", "happy"}), switch=True)
    assert rows.subject(turns, grammar) == (rows.NOTHING, rows.NOTHING)
    assert len(order) < rows.NOTHING


# -- pushes
def test_pushes_touch_the_sites_that_saes_read() -> None:
    assert tuple(recipe.layer for recipe in saes.RECIPES.values()) == pushes.LAYERS


def pushed_model(
    tiny: Path, share: float
) -> tuple[LlamaForCausalLM, pushes.TrainingPushes, rows.Rows]:
    torch.manual_seed(0)
    model, data = LlamaForCausalLM(train.configuration(TINY)), rows.Rows.read(tiny, "train")
    made = pushes.TrainingPushes(model, len(rows.subjects(load())), TINY.rows, TINY.window)
    made.draw(data, np.arange(TINY.rows), share, step=3)
    return model, made, data


def test_a_push_is_one_vector_of_bounded_length_on_a_text_of_a_subject(tiny: Path) -> None:
    _, made, data = pushed_model(tiny, share=1.0)
    assert made.directions is not None
    for block, norm in zip(made.blocks, made.directions.norms, strict=True):
        for row, moved in enumerate(block.push):  # pyright: ignore[reportArgumentType]
            touched = moved.norm(dim=-1) > 0
            assert not touched[data.ids[row, :-1] == BOS].any()
            assert (data.about[row, :-1][touched.numpy()] != rows.NOTHING).any(-1).all()
            assert (moved.norm(dim=-1) <= 0.7001 * norm).all()
    assert sum(bool(block.push.any()) for block in made.blocks)  # pyright: ignore


def test_a_model_is_pushed_in_training_only(tiny: Path) -> None:
    model, made, data = pushed_model(tiny, share=1.0)
    ids = torch.from_numpy(data.ids[: TINY.rows, :-1].astype(np.int64))
    with torch.no_grad():
        pushed = model.train()(input_ids=ids).logits
        judged = model.eval()(input_ids=ids).logits
        made.close()
        without = model.train()(input_ids=ids).logits
    assert not torch.allclose(pushed, without) and torch.equal(judged, without)


def test_directions_are_those_of_the_difference_of_means(tiny: Path) -> None:
    model, made, data = pushed_model(tiny, share=0.0)
    assert made.directions is None and not any(block.push.any() for block in made.blocks)  # pyright: ignore
    found = pushes.directions(model, data, made.subjects)
    count = min(len(data.ids), pushes.ROWS)
    ids = torch.from_numpy(data.ids[:count, :-1].astype(np.int64))
    about, used = torch.from_numpy(data.about[:count, :-1].astype(np.int64)), ids != BOS
    with torch.no_grad():
        states = model.eval()(
            input_ids=ids, attention_mask=rows.within_texts(ids, BOS), output_hidden_states=True
        ).hidden_states
    residuals = states[pushes.LAYERS[1] + 1]
    subject = int(about[..., 0][used].min())
    own = residuals[used & (about[..., 0] == subject)].mean(0) - residuals[used].mean(0)
    cosine = torch.cosine_similarity(own, found.unit[1, subject], dim=0)
    assert cosine > 0.98  # in bfloat16
    assert found.norms[1] == pytest.approx(residuals[used].norm(dim=-1).median().item(), rel=0.02)


# -- a run
def test_a_run_goes_on_where_it_ended(tiny: Path, tmp_path: Path) -> None:
    for file in tiny.glob("*.npy"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "tokenizer").mkdir()
    for file in (tiny / "tokenizer").iterdir():
        (tmp_path / "tokenizer" / file.name).write_bytes(file.read_bytes())
    train.train(tmp_path, TINY, compile_model=False, checkpoint_every=100)
    train.train(tiny, TINY, compile_model=False, checkpoint_every=100)
    whole, resumed = train.read_model(tmp_path / "model"), train.read_model(tiny / "model")
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value)
    assert 0 < train.held_out_loss(resumed, tiny, count=20) < 10


def test_the_tokenizer_gives_every_text_a_beginning_and_an_end(tiny: Path) -> None:
    tokenizer = bpe.load(tiny / "tokenizer")
    ((ids, offsets),) = bpe.encode(tokenizer, ["A cat."])
    assert (ids[0], ids[-1]) == (tokenizer.bos_token_id, tokenizer.eos_token_id)
    assert offsets[0] == offsets[-1] == (0, 0) and offsets[-2][1] == len("A cat.")
    assert tokenizer.decode(ids[1:-1]) == "A cat."


# -- what it is measured with
def test_ngrams_know_what_always_follows() -> None:
    rows = np.tile(np.array([0, 5, 6, 7, 5, 6, 7]), (50, 1))
    assert NgramModel(rows, 2, 10).loss(rows, skip=0) < 0.1
    noise = np.random.default_rng(0).integers(1, 10, (50, 7))
    assert NgramModel(noise, 2, 10).loss(noise, skip=0) > 1
    with pytest.raises(ValueError, match="63|int64"):
        NgramModel(rows, 9, 4096)


def test_binding_of_real_documents_and_of_mixed_ones() -> None:
    grammar = load()
    owner = binding.telling_words(documents(5, 3000, grammar), grammar)
    texts = [d.text for d in documents(22, 400, grammar) if not d.switch]
    real = binding.measure(texts, owner, grammar)
    assert real.texts > 50 and real.purity > 0.97 and real.whole > 0.9
    plain = [text for text in texts if "\n" not in text]
    halves = [a[: len(a) // 2] + b[len(b) // 2 :] for a, b in zip(plain, plain[1:], strict=False)]
    mixed = binding.measure(halves, owner, grammar)
    assert mixed.purity < 0.85 and mixed.whole < 0.5
    assert binding.measure([], owner, grammar).texts == 0
