"""What stands in the residual stream while the model talks and reads: chats that it writes itself,
and open prose. Kept in shards, so that a harvest that is stopped goes on where it was.

Rows are played on the path that learners play (engine/llama.py), so that an SAE is trained on the
very numbers that it will meet. Of a chat what the user and the model say is kept, not the template.
"""

import gzip
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from playground.engine.llama import LlamaPath, path_through
from playground.engine.paths import Path as Way
from playground.engine.paths import Untouched
from playground.engine.records import Talk
from playground.engine.sample import Drawing, choose
from playground.engine.text import Text
from playground.models.points import Point

ROWS = 48  # chats that are written at once
REPLY = 96  # tokens at most
TEMPERATURE, TOP_P = 0.7, 0.9
PIECE = 192  # tokens of prose that are read together
PIECES = 2  # of one document at most: many documents say more than long ones
SHARD = 16_384  # tokens, about
# Whom the model is told to be: mostly what its template says, which is what most learners leave.
USUAL = 0.8
OTHERWISE = (
    "", "Answer in one short sentence.", "You are a pirate.", "You are a cat.", "Be very polite.",
    "You are a grumpy old man.", "You are a poet and answer in verse.", "Explain to a child.",
    "You are a scientist and answer precisely.", "You are a cheerful friend.",
)  # fmt: skip


@dataclass(frozen=True)
class Shard:
    """Some chats, or pieces of prose, end to end. residual: [sites, tokens, d_model] float16;
    ids: [tokens]; lengths: tokens of each text; texts: what a chat said, for cards."""

    residual: np.ndarray
    ids: np.ndarray
    lengths: np.ndarray
    texts: list[dict[str, str]]

    def write(self, folder: Path, name: str) -> None:
        """A file by its name is whole: it is renamed when it is."""
        partial = folder / f"{name}.partial.npz"
        told = np.frombuffer(json.dumps(self.texts).encode(), dtype=np.uint8)
        np.savez(partial, residual=self.residual, ids=self.ids, lengths=self.lengths, texts=told)
        os.replace(partial, folder / f"{name}.npz")

    @staticmethod
    def read(file: Path) -> "Shard":
        with np.load(file) as held:
            texts = json.loads(bytes(held["texts"]))
            return Shard(held["residual"], held["ids"], held["lengths"], texts)


class Ears:
    """What stood after some blocks in the latest passes, each [rows, tokens, d_model] float16."""

    def __init__(self, path: Way[Tensor], layers: Sequence[int]) -> None:
        self._heard = {layer: list[Tensor]() for layer in layers}
        for layer, heard in self._heard.items():
            path.attach(Point(layer), lambda x, heard=heard: heard.append(x.half()))

    def taken(self) -> list[Tensor]:
        """A stack for each pass since the last call: [sites, rows, tokens, d_model]."""
        passes = [torch.stack(each) for each in zip(*self._heard.values(), strict=True)]
        for heard in self._heard.values():
            heard.clear()
        return passes


@dataclass
class Chat:
    """A row that is being written. parts: [sites, tokens, d_model] each; read: the token whose
    residual comes with the next step."""

    prompt: str
    system: str | None
    ids: list[int]
    user: range  # of ids: what the user says
    seed: int
    reply: list[int] = field(default_factory=list)
    parts: list[Tensor] = field(default_factory=list)

    def residual(self, text: Text) -> tuple[Tensor, list[int]]:
        """Of what the user and the model say: [sites, tokens, d_model], ids. What was known of the
        prompt already, because another began alike, was not read again and is not here."""
        heard = torch.cat(self.parts, 1)
        ids = [*self.ids, *self.reply[:-1]]  # the last token is never read
        first = len(ids) - heard.shape[1]
        spoken = [*self.user, *range(len(self.ids), len(ids))]
        kept = [at for at in spoken if at >= first and ids[at] not in text.special]
        return heard[:, [at - first for at in kept]], [ids[at] for at in kept]


class Talker:
    """Writes chats, a token a step for all that are open."""

    def __init__(self, model: PreTrainedModel, text: Text, layers: Sequence[int]) -> None:
        self._text = text
        path = path_through(model, [Point(layer) for layer in layers])
        assert isinstance(path, LlamaPath)
        self._path, self._ears, self._steer = path, Ears(path, layers), Untouched()

    @torch.inference_mode()
    def chats(self, prompts: Iterable[tuple[str, str | None]], seed: int) -> Iterator[Chat]:
        """Each as it is done. prompts: (what the user says, the system prompt or None)."""
        waiting, numbers = iter(prompts), count(seed)
        rows = list[Chat]()
        while True:
            for prompt, system in islice(waiting, ROWS - len(rows)):
                rows.append(self._begun(prompt, system, next(numbers)))
            done = [n for n, row in enumerate(rows) if self._ended(row)]
            for n in reversed(done):
                yield rows[n]
                self._path.drop(n)
                rows[n] = rows[-1]
                rows.pop()
            if not done and not rows:
                return
            if not done:
                self._step(rows)

    def _begun(self, prompt: str, system: str | None, seed: int) -> Chat:
        ids = self._text.prompted(prompt, Talk(system))
        made = Chat(prompt, system, ids, spoken(ids, self._text), seed)
        with self._path.begin([ids], self._text.fill, self._steer) as logits:
            self._choose([made], logits)
        made.parts = [each[:, 0] for each in self._ears.taken()]
        return made

    def _step(self, rows: Sequence[Chat]) -> None:
        last = [row.reply[-1] for row in rows]
        at = [len(row.ids) + len(row.reply) - 1 for row in rows]
        with self._path.step(last, at, self._steer) as logits:
            self._choose(rows, logits)
        (heard,) = self._ears.taken()
        for n, row in enumerate(rows):
            row.parts.append(heard[:, n].clone())

    def _choose(self, rows: Sequence[Chat], logits: Tensor) -> None:
        drawing = Drawing(
            torch.full([len(rows)], TEMPERATURE),
            torch.full([len(rows)], TOP_P),
            torch.tensor([row.seed for row in rows]),
            torch.tensor([len(row.reply) for row in rows]),
        )
        for row, chosen in zip(rows, choose(logits, drawing).ids.tolist(), strict=True):
            row.reply.append(chosen)

    def _ended(self, row: Chat) -> bool:
        return row.reply[-1] == self._text.end or len(row.reply) > REPLY


def spoken(ids: Sequence[int], text: Text) -> range:
    """Where the user's message stands in a templated prompt: behind the last turn's two words (who
    speaks, a line's end), before the mark that ends it."""
    marks = [at for at, each in enumerate(ids) if each in text.special]
    ended = max(at for at in marks[:-1])  # the last mark opens the reply
    begun = max(at for at in marks if at < ended)
    return range(begun + 3, ended)


def systems(seed: int) -> Iterator[str | None]:
    """None: what the template says."""
    random = Random(seed)
    while True:
        yield None if random.random() < USUAL else random.choice(OTHERWISE)


def harvest_chats(
    model: PreTrainedModel, text: Text, layers: Sequence[int], prompts: Iterable[str],
    folder: Path, seed: int,
) -> Iterator[int]:  # fmt: skip
    """Writes shards of chats until the prompts end; how many tokens each held. Shards that are
    there already are not written again: their prompts are passed over."""
    names, answered = (f"chat-{seed}-{number:04d}" for number in count()), set[str]()
    name = next(names)
    while (folder / f"{name}.npz").exists():
        answered |= {each["prompt"] for each in Shard.read(folder / f"{name}.npz").texts}
        name = next(names)
    waiting = (each for each in prompts if each not in answered)
    talker = Talker(model, text, layers)
    told = zip(waiting, systems(seed + len(answered)), strict=False)
    held, tokens = list[Chat](), 0
    for chat in talker.chats(told, seed * 1_000_000 + len(answered)):
        held.append(chat)
        tokens += len(chat.reply)
        if tokens >= SHARD:
            yield write_chats(held, text, folder, name)
            name, held, tokens = next(names), [], 0
    if held:
        yield write_chats(held, text, folder, name)


def write_chats(chats: Sequence[Chat], text: Text, folder: Path, name: str) -> int:
    parts, ids = zip(*(each.residual(text) for each in chats), strict=True)
    texts = [
        {"prompt": each.prompt, "system": each.system or "", "reply": text.decode(each.reply)}
        for each in chats
    ]
    Shard(
        torch.cat(parts, 1).numpy(),
        np.array([i for each in ids for i in each], dtype=np.int32),
        np.array([len(each) for each in ids], dtype=np.int32),
        texts,
    ).write(folder, name)
    return sum(map(len, ids))


@torch.inference_mode()
def harvest_prose(
    model: PreTrainedModel, text: Text, layers: Sequence[int], documents: Sequence[str],
    folder: Path, seed: int,
) -> Iterator[int]:  # fmt: skip
    """Writes shards of prose, in an order that the seed chooses; how many tokens each held."""
    path = path_through(model, [Point(layer) for layer in layers])
    ears, pieces = Ears(path, layers), prose_pieces(documents, text, seed)
    for number in count():
        name = f"prose-{seed}-{number:04d}"
        taken = list(islice(pieces, SHARD // PIECE))
        if not taken:
            return
        if (folder / f"{name}.npz").exists():
            continue
        parts = list[Tensor]()
        for piece in taken:
            ids = torch.tensor([[*text.lead, *piece]])
            path.forward(ids, torch.arange(ids.shape[1])[None], 0, Point(max(layers)))
            (heard,) = ears.taken()
            parts.append(heard[:, 0, len(text.lead) :])
        lengths = np.array([len(each) for each in taken], dtype=np.int32)
        ids = np.array([i for each in taken for i in each], dtype=np.int32)
        Shard(torch.cat(parts, 1).numpy(), ids, lengths, []).write(folder, name)
        yield int(lengths.sum())


def prose_pieces(documents: Sequence[str], text: Text, seed: int) -> Iterator[list[int]]:
    order = list(range(len(documents)))
    Random(seed).shuffle(order)
    for each in order:
        ids = text.ids(documents[each])
        starts = list(range(0, len(ids) - PIECE // 2, PIECE))
        for start in Random(each).sample(starts, min(PIECES, len(starts))):
            yield ids[start : start + PIECE]


def write_texts(folder: Path, file: Path) -> int:
    """Whole chats of all shards, a JSON object a line; how many."""
    partial, done = file.with_name(f"partial-{file.name}"), 0
    with gzip.open(partial, "wt", encoding="utf-8") as lines:
        for shard in sorted(folder.glob("chat-*.npz")):
            for each in Shard.read(shard).texts:
                lines.write(json.dumps(each, ensure_ascii=False) + "\n")
                done += 1
    os.replace(partial, file)
    return done


def read_documents(file: Path) -> list[str]:
    """Of a gzipped file with a JSON object a line, each with a "text"."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]
