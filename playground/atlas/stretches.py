"""What a build reads for cards, in pieces that fit a pass: the corpus, what the model wrote by
itself, what it said in chats. Knows no features."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from playground.atlas import tables
from playground.atlas.harvest import CONTEXT, Excerpt, Stretch, pieces
from playground.atlas.sources import chats_in
from playground.engine.records import Sampling, Talk
from playground.engine.text import Text

SAMPLED = tables.SOURCES.index("own samples")


def corpus(texts: Callable[[int], Iterator[str]], text: Text, tokens: int, source: int) -> Stretch:
    """texts: from the n-th on; tokens: that are read at most; source: place in tables.SOURCES."""

    def read(skip: int) -> Iterator[list[Excerpt]]:
        return (pieces(text.ids(each), len(text.lead)) for each in texts(skip))

    return Stretch(read, tokens, source)


def samples(file: Path, text: Text, count: int) -> Stretch:
    """file: as Builder.usual writes it; count: of the samples in it."""

    def read(skip: int) -> Iterator[list[Excerpt]]:
        for each in tables.read_json(file)["samples"][skip:]:
            yield pieces(text.ids(each["prompt"]) + each["ids"], len(text.lead))

    return Stretch(read, count * Sampling().max_tokens, SAMPLED)


def chats(file: Path, text: Text, tokens: int) -> Stretch:
    """Replies, each behind its message in the chat template, which is neither counted nor shown."""

    def read(skip: int) -> Iterator[list[Excerpt]]:
        for each in islice(chats_in(file), skip, None):
            lead = text.prompted(each.prompt, Talk(each.system or None))
            ids = [i for i in text.ids(each.reply) if i not in text.special]
            room = CONTEXT - len(lead)
            yield [Excerpt(ids[:room], 0, lead)] if room > 0 and ids else []

    return Stretch(read, tokens, SAMPLED)
