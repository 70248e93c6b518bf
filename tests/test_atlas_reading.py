"""What a card's texts stand behind, and on which tokens nothing is taken to fire."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.atlas import stretches
from playground.atlas.harvest import GIANT, Excerpt, Pass, Reader
from playground.atlas.pushes import BEGINNINGS, MESSAGE, Logits, opened, pushes_of
from playground.atlas.tally import Tally
from playground.concepts.examples import part_of
from playground.engine.llama import path_through
from playground.engine.text import Text
from playground.errors import AuthorError
from playground.models.points import Point
from playground.models.sae_files import load
from tests.chatting import talking
from tests.engine_models import GRAPHED, WIDTH, model, save_sae, tokenizer

IDS = [[9, 17, 33, 66], [40, 7, 12]]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    sae = load(save_sae(tmp_path_factory.mktemp("sae") / "sae", 1))
    return Reader(model(GRAPHED).requires_grad_(False), {"middle": sae}, [0])


def states(reader: Reader, texts: list[Excerpt]) -> dict[int, torch.Tensor]:
    return {
        place: part
        for each in reader.passed(texts, ["middle"])
        for place, part in zip(each.places, each.reads["middle"].split(each.lengths), strict=True)
    }


def test_a_reply_stands_behind_its_own_prompt(reader: Reader) -> None:
    lead = [0, 5, 90, 41, 3]
    own = states(reader, [Excerpt(IDS[0], lead=lead), Excerpt(IDS[1])])
    (whole,) = states(reader, [Excerpt(lead + IDS[0], lead=[])]).values()
    torch.testing.assert_close(own[0], whole[len(lead) :], atol=1e-4, rtol=1e-4)
    usual = states(reader, [Excerpt(IDS[1])])
    torch.testing.assert_close(own[1], usual[0], atol=1e-4, rtol=1e-4)


def giant(reads: torch.Tensor, at: int) -> torch.Tensor:
    reads = reads.clone()
    reads[at] *= 2 * GIANT
    return reads


def test_nothing_fires_on_a_giant_token(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, chosen = [Excerpt(each) for each in IDS], {"middle": list(range(64))}
    (real,) = reader.passed(texts)

    def taken(told: Pass) -> Tally:
        monkeypatch.setattr(reader, "passed", lambda *_: iter([told]))
        tally = Tally(64, 0, torch.device("cpu"))
        reader.take(texts, {"middle": tally}, chosen, 0)
        return tally

    def altered(reads: torch.Tensor) -> Pass:
        return Pass(
            real.places, {"middle": reads}, {"middle": reads}, real.ids, real.lengths, real.firsts
        )

    calm, loud = taken(real), taken(altered(giant(real.reads["middle"], 2)))
    acts = reader.saes["middle"].encode(real.reads["middle"]) > 0
    assert torch.equal(calm.fires.cpu(), acts.sum(0).to(calm.fires.dtype))
    without = acts[torch.arange(len(acts)) != 2].sum(0)
    assert acts[2].any() and torch.equal(loud.fires.cpu(), without.to(loud.fires.dtype))

    monkeypatch.setattr(
        reader, "passes", lambda *_: iter([altered(giant(real.reads["middle"], 2))])
    )
    heard = reader.peaks(IDS, chosen)["middle"].highest
    monkeypatch.setattr(reader, "passes", lambda *_: iter([real]))
    plain = reader.peaks(IDS, chosen)["middle"].highest
    assert (heard <= plain + 1e-6).all() and (heard < plain).any()


def test_chats_are_read_behind_their_template(tmp_path: Path) -> None:
    text = Text(talking(), chat=True)
    replies = [f"the cat sat on the mat {n}" for n in range(12)]
    told = [{"prompt": f"who {n}", "system": "", "reply": each} for n, each in enumerate(replies)]
    file = tmp_path / "chats.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in told))
    read = [piece for each in stretches.chats(file, text, 1000).texts(0) for piece in each]
    shown = [n for n, each in enumerate(replies) if part_of(each) == "show"]
    assert shown and [piece.ids for piece in read] == [text.ids(replies[n]) for n in shown]
    assert [piece.lead for piece in read] == [text.prompted(f"who {n}") for n in shown]
    file.write_text('{"prompt": "a"}\n')
    with pytest.raises(AuthorError, match="prompt, system and reply"):
        list(stretches.chats(file, text, 1000).texts(0))


def test_pushes_are_measured_where_many_blocks_come_behind(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sae, text = reader.saes["middle"], Text(tokenizer(), first="bos")
    path, file = path_through(reader.model, [Point(1)]), tmp_path / "pushes.npy"
    assert isinstance(pushes_of(reader.model, sae, path, 3.0, text, file), Logits)
    monkeypatch.setattr("playground.atlas.pushes.BLOCKS_BEHIND", 1)
    made = pushes_of(reader.model, sae, path, 3.0, text, file)
    ((features, changes),) = made.blocks([3, 5])
    assert features == [3, 5] and changes.shape == (2, reader.model.config.vocab_size)
    assert changes.abs().max() > 0 and reader.model.config.hidden_size == WIDTH
    # It is measured once: what lies in the file is taken as it is.
    kept = np.load(file)
    np.testing.assert_array_equal(changes.numpy(), kept.astype(np.float32))
    np.save(file, kept * 0)
    ((_, again),) = made.blocks([3, 5])
    assert not again.any() and [*tmp_path.iterdir()] == [file]


def test_a_chat_model_says_the_beginnings_in_a_reply() -> None:
    talks, plain = Text(talking(), chat=True), Text(tokenizer(), first="bos")
    assert opened(plain, BEGINNINGS[0]) == plain.with_start(BEGINNINGS[0])
    assert opened(talks, BEGINNINGS[0]) == [
        *talks.prompted(MESSAGE), *talks.ids(BEGINNINGS[0])
    ]  # fmt: skip
