"""Concepts and their scores: is a reply about it (effect), and what did that cost the text
(damage).

Knows nothing of models, features or levels: it reads text and the log-probabilities that a Trace
brings along. Effect and damage judged together, and their harmonic mean, follow AxBench (Wu et al.
2025).
"""

import re
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean, stdev
from typing import Literal, get_args

from playground.engine.records import Trace
from playground.errors import AuthorError, PlayerError
from playground.messages import Message

Kind = Literal["topic", "mood", "genre", "style", "language"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FOLDER = Path(__file__).parents[2] / "levels" / "concepts"

WORST_LEFT_OUT = 0.1  # a change of language costs a few tokens at its border; that is no damage
BROKEN_NATS = 3.0  # mean log-probability this far below the usual is word salad
# A text is as good as its worst passage: a push on the first words alone is hardly seen in a mean.
PASSAGE_TOKENS, PASSAGE_LEFT_OUT = 12, 2
PASSAGE_BROKEN_NATS = 5.0  # it may surprise more than a whole text: a change of voice is one too
FRAGMENT_TOKENS = 8  # a shorter reply is a fragment, damaged by the share that is missing
# Share of repeated 3-grams: of ordinary text (a quiz has most), of a phrase on repeat.
GRAMS_NORMAL, GRAMS_BROKEN = 0.25, 0.6
SQUEEZE_NORMAL, SQUEEZE_BROKEN = 0.42, 0.24  # compressed size / size, likewise
STUTTERS_NORMAL, STUTTERS_BROKEN = 1, 4  # words said twice in a row; babies may say one so
SQUEEZE_CHARACTERS = 320  # longer text compresses better by itself, so it is judged by its windows
UNDAMAGED_AT_MOST = 33.0  # about one nat below the usual

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Concept:
    """A named idea and how its presence in a text is told: `at_least` different matches of
    `pattern`.
    """

    name: str
    title: str
    kind: Kind
    at_least: int
    words: tuple[str, ...]  # empty where the file gives a pattern
    pattern: re.Pattern[str] = field(repr=False)

    @property
    def message(self) -> Message:
        """What it is called, in any language."""
        return Message(f"concepts.{self.name}")


def spoken(concept: Concept) -> str:
    """The concept in the middle of a sentence; names of languages keep their capital."""
    return concept.title if concept.kind == "language" else concept.title.lower()


@dataclass(frozen=True)
class Usual:
    """The model's mean log-probability a token (nats) over its own samples: of whole texts, the
    worst tenth left out, and of their worst passages (`passage`).
    """

    mean: float
    sd: float
    passage: float
    passage_sd: float
    samples: int


@dataclass(frozen=True)
class Damage:
    """What a text lost, 0..100 each: total = 1 - (1 - unnatural)(1 - repetition)(1 - missing)."""

    total: float
    unnatural: float  # of the whole text or of its worst passage, whichever is worse
    repetition: float
    missing: float  # how far below FRAGMENT_TOKENS
    excess: float  # nats a token below the usual; negative: likelier than usual


@dataclass(frozen=True)
class ReplyScore:
    """One reply. `found`: the different matches; `spans`: where each stands first, as (start,
    end) characters.
    """

    effect: float  # 0..100: different matches against the number needed; more of them add nothing
    parts: Damage
    found: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def damage(self) -> float:
        return self.parts.total

    @property
    def on(self) -> bool:
        """On the concept."""
        return self.effect >= 100.0

    @property
    def both(self) -> bool:
        """On the concept and undamaged."""
        return self.on and self.damage <= UNDAMAGED_AT_MOST


@dataclass(frozen=True)
class Score:
    """Several replies of one setting, 0..100 each. `both`: share on the concept and undamaged at
    once.
    """

    effect: float  # share of replies on the concept
    damage: float  # mean
    both: float
    steering: float  # harmonic mean of effect and 100 - damage
    replies: tuple[ReplyScore, ...]


# -- concept files ---------------------------------------------------------------------------------
@cache
def load_concepts(folder: Path = FOLDER) -> Mapping[str, Concept]:
    """Every concept file of a folder, by name. Raises AuthorError naming the file that is wrong."""
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise AuthorError(f"{folder}: no concept files (*.toml) in this folder")
    return {path.stem: load_concept(path) for path in paths}


def load_concept(path: Path) -> Concept:
    """One file `NAME.toml`: title, kind, at_least, and either words or pattern. Raises
    AuthorError.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AuthorError(f"{path}: cannot be read as TOML: {error}") from error
    unknown = data.keys() - {"title", "kind", "at_least", "words", "pattern"}
    if unknown:
        raise AuthorError(f"{path}: unknown key {', '.join(sorted(unknown))}")
    title, kind, at_least = data.get("title"), data.get("kind"), data.get("at_least")
    if not isinstance(title, str) or not title:
        raise AuthorError(f"{path}: `title` is missing or no text")
    if kind not in KINDS:
        raise AuthorError(f"{path}: `kind` is {kind!r}; it is one of {', '.join(KINDS)}")
    if not isinstance(at_least, int) or at_least < 1:
        raise AuthorError(f"{path}: `at_least` is {at_least!r}; it is a whole number from 1")
    words, pattern = data.get("words", []), data.get("pattern")
    if bool(words) == bool(pattern):
        raise AuthorError(f"{path}: give either `words` or `pattern`")
    if any(word != word.lower() for word in words):
        raise AuthorError(f"{path}: `words` are written in lower case")
    if words and len(words) < at_least:
        raise AuthorError(f"{path}: at_least = {at_least}, but there are {len(words)} words")
    if pattern is not None and not isinstance(pattern, str):
        raise AuthorError(f"{path}: `pattern` is no text")
    try:
        compiled = re.compile(pattern, re.MULTILINE) if pattern else whole_words(words)
    except re.error as error:
        raise AuthorError(f"{path}: `pattern` is no regular expression: {error}") from error
    return Concept(path.stem, title, kind, at_least, tuple(words), compiled)


def whole_words(words: Sequence[str]) -> re.Pattern[str]:
    """Any of the words, whole, in any case; a longer one is tried first."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    either = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![\w'-])(?:{either})(?!\w)", re.IGNORECASE)


# -- effect ----------------------------------------------------------------------------------------
def find(concept: Concept, text: str) -> dict[str, tuple[int, int]]:
    """Different matches, lower-cased, in order, with the characters of the first of each."""
    found: dict[str, tuple[int, int]] = {}
    for match in concept.pattern.finditer(text):
        if match.group().strip():
            found.setdefault(match.group().lower(), match.span())
    return found


def present(concept: Concept, text: str) -> bool:
    return len(find(concept, text)) >= concept.at_least


# -- damage ----------------------------------------------------------------------------------------
def usual_of(traces: Sequence[Trace]) -> Usual:
    """What is usual for a model, from samples nobody steered. Raises ValueError for fewer than
    two.
    """
    own = [t.logprobs for t in traces if len(t.logprobs) >= FRAGMENT_TOKENS]
    if len(own) < 2:
        raise ValueError(f"{len(own)} samples of {FRAGMENT_TOKENS} tokens or more; two are needed")
    whole, passages = [trimmed_mean(each) for each in own], [worst_passage(each) for each in own]
    return Usual(
        round(fmean(whole), 5), round(stdev(whole), 5),
        round(fmean(passages), 5), round(stdev(passages), 5), len(own),
    )  # fmt: skip


def trimmed_mean(logprobs: Sequence[float]) -> float:
    """Mean in nats without the worst tenth; 0 for no tokens."""
    kept = sorted(logprobs)[int(len(logprobs) * WORST_LEFT_OUT) :]
    return sum(kept) / len(kept) if kept else 0.0


def worst_passage(logprobs: Sequence[float]) -> float:
    """The lowest mean in nats of PASSAGE_TOKENS tokens in a row, each time without the worst
    PASSAGE_LEFT_OUT; a text as short as that is one passage.
    """
    starts = range(max(1, len(logprobs) - PASSAGE_TOKENS + 1))
    passages = [sorted(logprobs[start : start + PASSAGE_TOKENS]) for start in starts]
    kept = [passage[PASSAGE_LEFT_OUT:] or passage for passage in passages]
    return min(fmean(passage) if passage else 0.0 for passage in kept)


def unnaturalness(logprobs: Sequence[float], usual: Usual) -> float:
    """0..1: 0 up to a standard deviation below the usual (two for the worst passage, which is an
    extreme), 1 at BROKEN_NATS below (PASSAGE_BROKEN_NATS), linear between; the worse of the two."""
    whole = usual.mean - trimmed_mean(logprobs)
    passage = usual.passage - worst_passage(logprobs)
    return max(
        ramp(whole, min(usual.sd, BROKEN_NATS / 2), BROKEN_NATS),
        ramp(passage, min(2 * usual.passage_sd, BROKEN_NATS / 2), PASSAGE_BROKEN_NATS),
    )


def repetition(text: str) -> float:
    """0..1: how far a text says the same thing over and over."""
    words = [word.lower() for word in _WORD.findall(text)]
    grams = list(zip(words, words[1:], words[2:], strict=False))
    repeated = 1 - len(set(grams)) / len(grams) if len(grams) >= FRAGMENT_TOKENS else 0.0
    stutters = sum(a == b and a.isalpha() for a, b in pairwise(words))
    return max(
        ramp(repeated, GRAMS_NORMAL, GRAMS_BROKEN),
        ramp(stutters, STUTTERS_NORMAL, STUTTERS_BROKEN),
        ramp(squeeze(text), SQUEEZE_NORMAL, SQUEEZE_BROKEN),
    )


def squeeze(text: str) -> float:
    """Compressed size / size, of the window that compresses best; 1 for text too short to tell."""
    starts = range(0, max(1, len(text) - SQUEEZE_CHARACTERS // 2), SQUEEZE_CHARACTERS // 2)
    windows = [text[start : start + SQUEEZE_CHARACTERS].encode() for start in starts]
    header = len(zlib.compress(b""))
    return min(
        (len(zlib.compress(w, 9)) - header) / len(w) if len(w) >= 60 else 1.0 for w in windows
    )


def ramp(value: float, zero: float, one: float) -> float:
    """0 at `zero`, 1 at `one`, linear between, flat outside."""
    return min(1.0, max(0.0, (value - zero) / (one - zero)))


# -- scores ----------------------------------------------------------------------------------------
def damage(text: str, logprobs: Sequence[float], usual: Usual) -> Damage:
    """Of any text. logprobs: nats, of each of its tokens under the undialled model."""
    excess = usual.mean - trimmed_mean(logprobs)
    a, b = unnaturalness(logprobs, usual), repetition(text)
    c = max(0, FRAGMENT_TOKENS - len(logprobs)) / FRAGMENT_TOKENS
    return Damage(100 * (1 - (1 - a) * (1 - b) * (1 - c)), 100 * a, 100 * b, 100 * c, excess)


def score_reply(concept: Concept, trace: Trace, usual: Usual) -> ReplyScore:
    found = find(concept, trace.text)
    return ReplyScore(
        effect=100 * min(1.0, len(found) / concept.at_least),
        parts=damage(trace.text, trace.logprobs, usual),
        found=tuple(found),
        spans=tuple(found.values()),
    )


def score_replies(concept: Concept, traces: Sequence[Trace], usual: Usual) -> Score:
    """Several replies of one setting. Raises PlayerError for none."""
    if not traces:
        raise PlayerError("errors.no_reply")
    return summed([score_reply(concept, trace, usual) for trace in traces])


def summed(replies: Sequence[ReplyScore]) -> Score:
    """The score of a setting from those of its replies; one at least."""
    effect = 100 * sum(reply.on for reply in replies) / len(replies)
    lost = sum(reply.damage for reply in replies) / len(replies)
    both = 100 * sum(reply.both for reply in replies) / len(replies)
    return Score(effect, lost, both, harmonic_mean(effect, 100 - lost), tuple(replies))


def together(scores: Sequence[Score]) -> Score:
    """Several concepts at once, from the scores of the same replies on each: a reply counts when
    every one of them is present."""
    return summed(
        [
            ReplyScore(
                effect=min(each.effect for each in same),
                parts=same[0].parts,
                found=tuple(word for each in same for word in each.found),
                spans=tuple(span for each in same for span in each.spans),
            )
            for same in zip(*(score.replies for score in scores), strict=True)
        ]
    )


def harmonic_mean(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a > 0 and b > 0 else 0.0


def auroc(on_concept: Sequence[bool], fires: Sequence[float]) -> float:
    """How well a feature's maximum over tokens tells the texts of a concept from others: .5
    guesses, 1 never errs.

    Raises PlayerError unless there are texts of both sorts.
    """
    from sklearn.metrics import roc_auc_score  # slow to import, and most of the game never asks

    if len(set(on_concept)) < 2:
        raise PlayerError("errors.one_sort")
    return float(roc_auc_score(on_concept, fires))
