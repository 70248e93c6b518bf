"""Where the directions of concepts push an instruct model best, and how hard: chosen by replies to
prompts of one kind, judged on others, with pushes as hard in directions of chance beside them.

By successive halving: all settings with few replies, then the best with more. Knows the engine and
the rules of concepts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from playground.atlas import bare, means, tables
from playground.atlas.controls import controls
from playground.atlas.folders import sums_of
from playground.atlas.means import Tuned, TunedFile
from playground.concepts.concepts import Concept, Score, load_concepts, score_replies
from playground.concepts.damage import Usual, usual_of
from playground.engine.loading import open_engine, open_parts
from playground.engine.protocol import Engine
from playground.engine.records import Dial, Request, Sampling, Scope, Site, Trace, Vector
from playground.errors import AuthorError
from playground.models.sae import Sae
from playground.settings import Settings

# Messages that betray no concept; figures are of the second, which no setting was chosen by.
SELECT = (
    "Tell me about yourself.", "What did you do today?", "Write a short story.",
    "I feel bored. What should I do?",
)  # fmt: skip
GRADE = (
    "Who are you?", "How was your weekend?", "Tell me something interesting.",
    "Please give me some advice.", "What do you like best?", "What should we talk about?",
    "Write a few lines that I can read to a friend.", "What do you dream of?",
)  # fmt: skip
TOPICS = (
    "cats", "chess", "chocolate", "coffee", "dogs", "dragons", "football", "garden", "ghosts",
    "horses", "music", "ocean", "snow", "space", "trains", "weddings",
)  # fmt: skip
# Strengths on the reply at one site and at each of two, and at each of two on all that is read: a
# push at two places needs less at each, and one on all tokens less still.
SINGLE, DOUBLE, EVERYWHERE = (0.35, 0.5), (0.22, 0.32), (0.15, 0.2)
REPLY = Sampling(0.7, 0.95, 56)
FIRST, KEPT, MORE, GRADED = 3, 2, 5, 10  # replies, settings that go on, their replies, of the best
SEED, GRADE_SEED = 5_000, 6_000
USUAL = 4  # untouched replies to each message
CONTROLS = 4  # directions of chance
LEAST = 2  # graded replies on the concept; with fewer nobody is offered the dial
BEGIN, END = "<!-- means -->", "<!-- end -->"  # of the table in a page


@dataclass(frozen=True)
class PushAt:
    """sites: each with the strength; scope: tokens that are pushed."""

    sites: tuple[str, ...]
    strength: float
    scope: Scope = "reply"


@dataclass(frozen=True)
class BestPush:
    """What was found for a concept: its setting, and the scores of replies that were graded."""

    concept: str
    setting: PushAt
    steered: Score
    control: Score
    untouched: Score

    def tuned(self, sites: Mapping[str, Site]) -> Tuned:
        return Tuned(
            blocks=tuple(sites[name].layer for name in self.setting.sites),
            strength=self.setting.strength,
            scope=self.setting.scope,
            replies=len(self.steered.replies),
            hits=counted(self.steered),
            control=counted(self.control),
            untouched=counted(self.untouched),
        )


def settings_at(sites: Iterable[Site]) -> list[PushAt]:
    """What is tried: each site alone, and each with the next."""
    names = [each.name for each in sorted(sites, key=lambda each: each.layer)]
    return [
        *(PushAt((name,), each) for name in names for each in SINGLE),
        *(PushAt(pair, each) for pair in pairwise(names) for each in DOUBLE),
        *(PushAt(pair, each, "all") for pair in pairwise(names) for each in EVERYWHERE),
    ]


class MeansSearch:
    def __init__(self, engine: Engine, concepts: Sequence[Concept]) -> None:
        self.engine = engine
        self.concepts = concepts
        self._every = dict[str, np.ndarray]()
        self._own = dict[tuple[str, str], Vector]()

    def run(self) -> Iterator[BestPush]:
        """A concept at a time, as they are found."""
        select, grade = (
            self.engine.generate(
                [
                    Request(message, (), replace(REPLY, seed=SEED + n))
                    for message in part
                    for n in range(USUAL)
                ]
            ).traces()
            for part in (SELECT, GRADE)
        )
        usual = usual_of([*select, *grade])
        for concept in self.concepts:
            yield self.graded(concept, self.chosen(concept, usual, select), usual, grade)

    def chosen(self, concept: Concept, usual: Usual, untouched: Sequence[Trace]) -> PushAt:
        """By replies to messages of SELECT. Of settings that do equally well the weaker one."""
        every = settings_at(self.engine.sites.values())
        scores = self.tried(concept, dict.fromkeys(every, range(FIRST)), usual, untouched)
        best = sorted(every, key=lambda each: self.worth(each, scores[each]), reverse=True)[:KEPT]
        more = self.tried(
            concept, dict.fromkeys(best, range(FIRST, FIRST + MORE)), usual, untouched
        )
        share = {
            each: (FIRST * scores[each].both + MORE * more[each].both) / (FIRST + MORE)
            for each in best
        }
        return max(best, key=lambda each: (share[each], -each.strength))

    def worth(self, setting: PushAt, score: Score) -> tuple[float, float, float]:
        """A reply that is nearly about it tells more than one that is not; then what is whole."""
        effects = sum(each.effect for each in score.replies) / len(score.replies)
        return score.both, effects - score.damage, -setting.strength

    def tried(
        self,
        concept: Concept,
        wanted: Mapping[PushAt, range],
        usual: Usual,
        untouched: Sequence[Trace],
    ) -> dict[PushAt, Score]:
        """wanted: which replies of each setting."""
        asked = [
            (setting, Request(SELECT[n % len(SELECT)], self.dials(concept.name, setting),
                              replace(REPLY, seed=SEED + n)))
            for setting, numbers in wanted.items()
            for n in numbers
        ]  # fmt: skip
        traces = self.engine.generate([request for _, request in asked]).traces()
        by = dict[PushAt, list[Trace]]()
        for (setting, _), trace in zip(asked, traces, strict=True):
            by.setdefault(setting, []).append(trace)
        return {each: score_replies(concept, found, usual, untouched) for each, found in by.items()}

    def graded(
        self, concept: Concept, setting: PushAt, usual: Usual, untouched: Sequence[Trace]
    ) -> BestPush:
        dials = self.dials(concept.name, setting)
        beside = [*zip(*(controls(each, (), CONTROLS) for each in dials), strict=True)]
        requests = [
            Request(GRADE[n % len(GRADE)], each, replace(REPLY, seed=GRADE_SEED + n))
            for n in range(GRADED)
            for each in (dials, beside[n % CONTROLS])
        ]
        traces = self.engine.generate(requests).traces()
        steered, control, plain = (
            score_replies(concept, each, usual, untouched)
            for each in (traces[::2], traces[1::2], untouched)
        )
        return BestPush(concept.name, setting, steered, control, plain)

    def dials(self, concept: str, setting: PushAt) -> tuple[Dial, ...]:
        return tuple(
            Dial.along(site, self.about(concept, site), setting.strength, "add", setting.scope)
            for site in setting.sites
        )

    def about(self, concept: str, site: str) -> Vector:
        if (concept, site) not in self._own:
            if site not in self._every:
                self._every[site] = means.mean(self.engine, means.ALL, site)
            own = means.mean(self.engine, concept, site)
            self._own[concept, site] = means.direction(concept, own, self._every[site])
        return self._own[concept, site]


def measure(
    settings: Settings,
    concepts: Sequence[str],
    blocks: Sequence[int],
    out: Path,
    page: Path | None = None,
) -> Iterator[str]:
    """Lines of the table as they are found; writes the file after each. page: whose table between
    the marks is written anew. Raises AuthorError for a concept that there is not."""
    known = load_concepts()
    if unknown := [name for name in concepts if name not in known]:
        raise AuthorError(f"no concept {unknown[0]!r}; there are {', '.join(known)}")
    opened = open_parts(settings)
    width = int(opened.model.config.get_text_config().hidden_size)
    places = {f"layer-{block}": Sae.without_features(block, width) for block in blocks}
    parts = replace(opened, saes=places)
    norms = bare.norms_of(parts)
    engine, found = open_engine(parts, norms, settings.max_rows), list[BestPush]()
    weights = sums_of(parts)["model"]
    try:
        for each in MeansSearch(engine, [known[name] for name in concepts]).run():
            found.append(each)
            write(out, weights, found, engine.sites)
            yield [*table(found, engine.sites)][-2]
    finally:
        engine.close()
    lines = [*table(found, engine.sites)]
    if page is not None:
        rewrite(page, lines)
    yield lines[-1]


def write(out: Path, weights: str, found: Sequence[BestPush], sites: Mapping[str, Site]) -> None:
    """Those that push best first, without those that hardly ever do."""
    able = [each for each in found if counted(each.steered) >= LEAST]
    ordered = sorted(able, key=lambda each: each.steered.both, reverse=True)
    made = TunedFile(model=weights, concepts={e.concept: e.tuned(sites) for e in ordered})
    text = made.model_dump_json(indent=1) + "\n"
    tables.whole(out, lambda partial: partial.write_text(text, encoding="utf-8"))


def rewrite(page: Path, lines: Sequence[str]) -> None:
    """Raises AuthorError for a page without the marks."""
    text = page.read_text(encoding="utf-8")
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise AuthorError(f"{page}: lacks the marks {BEGIN} and {END}")
    body = "\n".join(lines)
    page.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", encoding="utf-8")


def counted(score: Score) -> int:
    """Replies that are about the concept and undamaged."""
    return sum(each.both for each in score.replies)


def share(found: Sequence[BestPush], which: str) -> float:
    """Mean over concepts. which: steered, control or untouched."""
    return float(np.mean([getattr(each, which).both / 100 for each in found]))


def table(found: Sequence[BestPush], sites: Mapping[str, Site]) -> Iterator[str]:
    """As Markdown, a concept a row."""
    heads = (
        "concept",
        "after block",
        "strength",
        "on",
        "undamaged, on topic",
        "on topic",
        "control",
    )
    yield row((*heads, "untouched"))
    yield row(("---",) * (len(heads) + 1))
    for each in found:
        told, of = each.tuned(sites), len(each.steered.replies)
        on = sum(reply.on for reply in each.steered.replies)
        others = (each.control, each.untouched)
        beside = (f"{counted(score)} of {len(score.replies)}" for score in others)
        place = (" and ".join(map(str, told.blocks)), f"{told.strength:g}", told.scope)
        yield row((each.concept, *place, f"{told.hits} of {of}", f"{on} of {of}", *beside))
    mean = {each: f"**{share(found, each):.2f}**" for each in ("steered", "control", "untouched")}
    yield row(("**mean**", "", "", "", mean["steered"], "", mean["control"], mean["untouched"]))


def row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
