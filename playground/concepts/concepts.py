"""Concepts and their scores: is a reply about it (effect), and what did that cost the text
(damage).

Knows nothing of models, features or levels: it reads text and the log-probabilities that a Trace
brings along. Effect and damage judged together, and their harmonic mean, follow AxBench (Wu et al.
2025).
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Literal, get_args

from playground.concepts.damage import UNDAMAGED_AT_MOST, Damage, Usual, damage
from playground.engine.records import Trace
from playground.errors import AuthorError, PlayerError
from playground.messages import Message
from playground.text.titles import title

Kind = Literal["topic", "mood", "genre", "style", "language", "behaviour"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FOLDER = Path(__file__).parents[2] / "levels" / "concepts"


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
    return title(concept.title, concept.kind).inline


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
    def whole(self) -> bool:
        """Undamaged."""
        return self.damage <= UNDAMAGED_AT_MOST

    @property
    def both(self) -> bool:
        """On the concept and undamaged."""
        return self.on and self.whole


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


# -- scores ----------------------------------------------------------------------------------------
def score_reply(concept: Concept, trace: Trace, usual: Usual) -> ReplyScore:
    found = find(concept, trace.text)
    return ReplyScore(
        effect=100 * min(1.0, len(found) / concept.at_least),
        parts=damage(trace.text, trace.logprobs, usual),
        found=tuple(found),
        spans=tuple(found.values()),
    )


def score_replies(
    concept: Concept, traces: Sequence[Trace], usual: Usual, untouched: Sequence[Trace] = ()
) -> Score:
    """Several replies of one setting. untouched: what the undialled model wrote to the same
    prompts, where that is known. Raises PlayerError for no reply."""
    if not traces:
        raise PlayerError("errors.no_reply")
    by_prompt = {
        prompt: usual.beside([each for each in untouched if each.request.prompt == prompt])
        for prompt in {trace.request.prompt for trace in traces}
    }
    return summed([score_reply(concept, each, by_prompt[each.request.prompt]) for each in traces])


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
    """How well a feature's maximum over tokens tells the texts of a concept from others: the share
    of pairs, one of each sort, in which it fires more on the right one, ties counted half. .5
    guesses, 1 never errs. Mann and Whitney 1947.

    Raises PlayerError unless there are texts of both sorts.
    """
    about = sum(on_concept)
    others = len(on_concept) - about
    if not about or not others:
        raise PlayerError("errors.one_sort")
    ranked = sorted(zip(fires, on_concept, strict=True))
    right, weaker = 0.0, 0  # pairs; texts of the other sort so far
    for _, same in groupby(ranked, key=itemgetter(0)):
        sorts = [on for _, on in same]
        hits = sum(sorts)
        right += hits * (weaker + (len(sorts) - hits) / 2)
        weaker += len(sorts) - hits
    return right / (about * others)
