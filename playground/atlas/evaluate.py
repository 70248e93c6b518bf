"""Measures a finished atlas on prompts and seeds that nothing was chosen on, and writes a Markdown
table.

Three parts: detectors on held-out documents, recipes beside their controls, and the damage score
itself.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from playground.atlas import calibrate, tables
from playground.atlas.atlas import Atlas
from playground.atlas.cards import Recipe
from playground.atlas.controls import controls_for
from playground.atlas.folders import Folders, Opening, sums_of
from playground.atlas.sources import Documents
from playground.concepts.concepts import Concept, Score, load_concepts, score_replies
from playground.concepts.damage import UNDAMAGED_AT_MOST, damage
from playground.engine.loading import open_engine
from playground.engine.protocol import Engine
from playground.engine.records import Sampling, Trace
from playground.errors import AuthorError

GOOD_DETECTOR = 0.95
STEERS, CONTROL_AT_MOST = 0.5, 0.1  # shares of replies on the concept and undamaged
BEST = 40
CONTROLS = 4  # of a recipe, other ones than those of its curve
TOKENS = 80
SWITCH_SEED = 9  # documents that change their style or language, of no other use
TEXTS = 60  # of each sort, for the damage score
PHRASE = 4  # words of a phrase on repeat


@dataclass(frozen=True)
class Evaluation:
    """atlas: in folders.out; report: the file to write; names: empty for all concepts of the
    atlas.
    """

    opening: Opening
    folders: Folders
    report: Path
    replies: int
    seed: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConceptFigures:
    """One concept. Scores are None where the atlas has no recipe."""

    concept: Concept
    auroc: float
    detector: str
    recipe: Recipe | None
    steered: Score | None
    control: Score | None

    @property
    def both(self) -> float:
        return self.steered.both / 100 if self.steered else 0.0

    @property
    def control_both(self) -> float:
        return self.control.both / 100 if self.control else 0.0

    @property
    def steers(self) -> bool:
        return self.both >= STEERS and self.control_both <= CONTROL_AT_MOST


def evaluate(wanted: Evaluation, documents: Documents) -> str:
    """The whole report, also written to `wanted.report`. Raises AuthorError if model and atlas
    do not belong together.
    """
    atlas, parts = Atlas.open(wanted.folders.out), wanted.opening()
    if atlas.meta["sums"] != sums_of(parts):
        raise AuthorError(
            f"{wanted.folders.out}: built from another model or other SAEs than these"
        )
    engine = open_engine(parts, atlas.norms)
    try:
        names = wanted.names or atlas.concepts()
        rows = [measured(engine, atlas, name, wanted) for name in tqdm(names, desc="recipes")]
        damages = validated(engine, atlas, documents, wanted.seed)
    finally:
        engine.close()
    report = "\n".join([*summary(rows), "", *damage_lines(damages), "", *table(rows)]) + "\n"
    tables.whole(wanted.report, lambda path: path.write_text(report, encoding="utf-8"))
    return report


def measured(engine: Engine, atlas: Atlas, name: str, wanted: Evaluation) -> ConceptFigures:
    """One concept on fresh prompts and seeds."""
    concept, entry = load_concepts()[name], atlas.concept(name)
    best = entry.detectors[0] if entry.detectors else None
    place = f"{best.site} {best.feature}" if best else ""
    auroc = best.auroc if best else 0.5
    if not entry.recipes:
        return ConceptFigures(concept, auroc, place, None, None, None)
    recipe, seed = entry.recipes[0], calibrate.FRESH_SEED + 1_000 * wanted.seed
    others = controls_for(atlas, recipe.dial(), CONTROLS, draw=1)
    requests = [
        request
        for dial in (recipe.dial(), *others)
        for request in calibrate.requests_of(
            (dial,), wanted.replies, seed, TOKENS, calibrate.FRESH_PROMPTS
        )
    ]
    traces = engine.generate(requests).traces()
    steered = score_replies(concept, traces[: wanted.replies], atlas.usual)
    control = score_replies(concept, traces[wanted.replies :], atlas.usual)
    return ConceptFigures(concept, auroc, place, recipe, steered, control)


# -- the damage score ------------------------------------------------------------------------------
@dataclass(frozen=True)
class DamageRow:
    name: str
    mean: float
    asked: str
    right: bool


def validated(engine: Engine, atlas: Atlas, documents: Documents, seed: int) -> list[DamageRow]:
    """Mean damage of texts whose damage is known beforehand."""
    requests = calibrate.requests_of(
        (),
        TEXTS,
        calibrate.FRESH_SEED + 500 + 1_000 * seed,
        Sampling().max_tokens,
        calibrate.FRESH_PROMPTS,
    )
    own = engine.generate(requests).traces()
    rng = random.Random(seed)
    replies = [trace for trace in own if len(trace.text.split()) >= 2 * PHRASE]
    changing = (
        ("", document.text)
        for document in documents(SWITCH_SEED, 3_000)
        if changes_voice(document.concepts, document.text)
    )
    switched = list(islice(changing, TEXTS))
    usual = atlas.usual

    def mean(pairs: Iterable[tuple[str, str]]) -> float:
        found = [damage(reply, engine.score(prompt, reply), usual).total for prompt, reply in pairs]
        return sum(found) / max(1, len(found))

    plain = sum(damage(t.text, t.logprobs, usual).total for t in own) / len(own)
    jumbled = mean((t.request.prompt, shuffled(t, rng)) for t in replies)
    repeated = mean((t.request.prompt, on_repeat(t)) for t in replies)
    voices = mean(switched)
    return [
        DamageRow("own samples", plain, "<= 10", plain <= 10),
        DamageRow("their words shuffled", jumbled, ">= 85", jumbled >= 85),
        DamageRow("a phrase of theirs on repeat", repeated, ">= 85", repeated >= 85),
        DamageRow("documents that change style or language", voices, "<= 20", voices <= 20),
    ]


def changes_voice(concepts: frozenset[str], text: str) -> bool:
    """Whether a document begins as a plain story and goes on in another style or language."""
    known = load_concepts()
    voices = [
        known[name]
        for name in concepts
        if name in known and known[name].kind in ("style", "language")
    ]
    begins = text[: len(text) // 4]
    return "story" in concepts and any(not voice.pattern.search(begins) for voice in voices)


def shuffled(trace: Trace, rng: random.Random) -> str:
    words = trace.text.split()
    rng.shuffle(words)
    return " " + " ".join(words)


def on_repeat(trace: Trace) -> str:
    words = trace.text.split()
    return " " + " ".join((words[:PHRASE] * len(words))[: len(words)])


# -- the report ------------------------------------------------------------------------------------
def summary(rows: Sequence[ConceptFigures]) -> list[str]:
    found = [row for row in rows if row.auroc >= GOOD_DETECTOR]
    topics = [row for row in found if row.concept.kind == "topic"]
    steering = [row for row in rows if row.steers]
    best = sorted((row.both for row in rows), reverse=True)[:BEST]
    return [
        f"{len(rows)} concepts. With a feature of AUROC at least {GOOD_DETECTOR} on held-out "
        f"documents: {len(found)}, {len(topics)} of them topics.",
        f"Steered (at least {STEERS:.0%} of the replies on the concept and undamaged, at most "
        f"{CONTROL_AT_MOST:.0%} of the control's): {len(steering)}. "
        f"Mean share over the best {len(best)}: {sum(best) / max(1, len(best)):.2f}.",
        f"Undamaged: damage of at most {UNDAMAGED_AT_MOST:.0f}. Prompts and seeds are others than "
        "those that the settings were chosen on.",
    ]


def damage_lines(rows: Sequence[DamageRow]) -> list[str]:
    lines = ["| texts | mean damage | asked | met |", "|---|---|---|---|"]
    return lines + [
        f"| {row.name} | {row.mean:.1f} | {row.asked} | {'yes' if row.right else 'NO'} |"
        for row in rows
    ]


def table(rows: Sequence[ConceptFigures]) -> list[str]:
    lines = [
        "| concept | kind | detector | AUROC | setting | on concept | damage | both | control both "
        "| steers |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda each: (-each.both, each.concept.name)):
        told = f"| {row.concept.name} | {row.concept.kind} | {row.detector} | {row.auroc:.3f} "
        if row.recipe is None or row.steered is None:
            lines.append(told + "| none found | | | 0.00 | | no |")
            continue
        used = row.recipe
        lines.append(
            told + f"| {used.site} {used.feature}, {used.method} {used.scope} {used.strength:g} "
            f"| {row.steered.effect / 100:.2f} | {row.steered.damage:.0f} | {row.both:.2f} "
            f"| {row.control_both:.2f} | {'yes' if row.steers else 'no'} |"
        )
    return lines
