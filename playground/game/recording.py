"""Makes the file of the first minute: tries dials on the model that is played, keeps those that do
what they say, and records what the model writes at a few positions. Knows no player.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from playground import settings
from playground.atlas import answers, tables
from playground.concepts.concepts import Score, load_concepts, score_replies
from playground.concepts.damage import usual_of
from playground.engine.records import TEMPERATURE, TOP_P, Dial, Scope, Trace, Vector
from playground.errors import AuthorError
from playground.game import talking
from playground.game.first_minute import (
    ConceptPush,
    FirstDial,
    FirstMinuteFile,
    Heat,
    RecordedText,
    packed,
)
from playground.levels.judging import Bench

# What each may be tried on, the first of them first: said to a model that chats, where the concept
# is one answer of many; how the texts of any other begin.
SAID: Mapping[str, str] = {
    "coffee": "What did you have for breakfast?",
    "dogs": "Do you have a pet?",
    "chocolate": "What did you have for breakfast?",
    "flowers": "What is your favourite place in nature?",
}
BEGUN: Mapping[str, str] = dict.fromkeys(
    ("cats", "pirate", "sailing", "camping", "library", "airplanes"), "Yesterday Anna"
)
KEPT = 4  # dials
SELECT, GRADE = range(8), range(100, 116)  # seeds of replies: to choose a push by, to judge it by
GRADE_TALKING = range(200, 216)  # of a model that chats; the others have led to what is FOUND
# Share of the second that has to hit; of a model that chats, which nobody trained to be pushed, not
# every dial reaches the first.
LEAST, LEAST_TALKING = 0.75, 0.5
TOKENS, TOKENS_TALKING = 60, 80  # an answer comes to the point later than a story
PLACES = (-1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0)  # that are recorded
# Of a direction, at each of the last two sites, on all tokens: how hard in residual norms, where it
# was found before (docs/smollm2.md) or else what is tried.
FOUND: Mapping[str, float] = {"dogs": 0.15, "chocolate": 0.12, "flowers": 0.12, "coffee": 0.12}
TRIED = (0.12, 0.15, 0.18)
SITES = 2
HARDER = (1.0, 1.25)  # times the strength of a feature's recipe
BEST = 2  # recipes of a concept
LASTING: Scope = "reply"  # tried beside a recipe's own


@dataclass(frozen=True)
class TriedPush:
    """score: of the push, seed by seed; untouched: of the replies without it."""

    push: ConceptPush
    prompt: str
    score: Score
    untouched: Score

    @property
    def hits(self) -> int:
        """Replies that are on the concept and undamaged."""
        return sum(each.both for each in self.score.replies)

    def tells(self, number: int) -> bool:
        """Whether the push shows in a reply."""
        return self.score.replies[number].both and not self.untouched.replies[number].on

    def reaches(self, least: float) -> bool:
        return self.hits >= least * len(self.score.replies)


class Recording:
    def __init__(self, bench: Bench) -> None:
        heat, top_p = (talking.TEMPERATURE, talking.TOP_P) if bench.chats else (TEMPERATURE, TOP_P)
        tokens = TOKENS_TALKING if bench.chats else TOKENS
        self._bench = bench
        self._grade = GRADE_TALKING if bench.chats else GRADE
        self._heat = Heat(temperature=heat, top_p=top_p, tokens=tokens)

    def _written(self, prompt: str, dials: tuple[Dial, ...], seeds: range) -> list[Trace]:
        asked = [self._heat.request(prompt, dials, seed) for seed in seeds]
        return self._bench.engine.generate(asked).traces()

    @cached_property
    def _answers(self) -> Mapping[str, Mapping[str, Vector]]:
        return answers.directions(self._bench.engine)

    def pushes(self, concept: str) -> list[ConceptPush]:
        """What is tried: a feature's recipe, or on a model that chats the directions of what it
        answers about the concept. None where nothing is known to push it."""
        bench = self._bench
        if bench.chats:
            ordered = sorted(bench.engine.sites.values(), key=lambda each: each.layer)
            sites = tuple(each.name for each in ordered[-SITES:])
            if (told := self._answers.get(concept)) is None:
                return []
            ways = tuple(packed(told[site]) for site in sites)
            strengths = (FOUND[concept],) if concept in FOUND else TRIED
            return [
                ConceptPush(concept=concept, sites=sites, scope="all", strength=each, ways=ways)
                for each in strengths
            ]
        recipes = bench.atlas.concept(concept).recipes if concept in bench.atlas.concepts() else ()
        return [
            ConceptPush(
                concept=concept, sites=(recipe.site,), feature=recipe.feature,
                method=recipe.method, scope=scope, strength=round(recipe.strength * more, 3),
            )
            for recipe in recipes[:BEST]
            for scope in dict.fromkeys((recipe.scope, LASTING))
            for more in HARDER
        ]  # fmt: skip

    def tried(self, concept: str, prompt: str) -> TriedPush | None:
        """The push that hits most often with SELECT, of equals the weaker one, or the only one, as
        it does with the seeds to judge by."""
        plain, rule = self._written(prompt, (), self._grade), load_concepts()[concept]
        usual = usual_of(plain) if self._bench.chats else self._bench.usual

        def judged(push: ConceptPush, seeds: range) -> TriedPush:
            written = self._written(prompt, push.dials(), seeds)
            score, without = (score_replies(rule, each, usual, plain) for each in (written, plain))
            return TriedPush(push, prompt, score, without)

        pushes = self.pushes(concept)
        if len(pushes) > 1:
            found = [judged(each, SELECT) for each in pushes]
            pushes = [max(found, key=lambda each: (each.hits, -each.push.strength)).push]
        return judged(pushes[0], self._grade) if pushes else None

    def recorded(self, kept: Sequence[TriedPush]) -> FirstMinuteFile:
        """With the seed, of those to judge by, at which most dials hit where nothing would have
        been on the concept without them; the first of equals."""
        told = {seed: sum(each.tells(n) for each in kept) for n, seed in enumerate(self._grade)}
        seed = max(told, key=lambda each: told[each])
        dials = tuple(
            FirstDial(
                **each.push.model_dump(), prompt=each.prompt, hits=each.hits,
                replies=len(each.score.replies),
                untouched=sum(reply.on for reply in each.untouched.replies),
                recorded=self._recorded(each, seed),
            )
            for each in kept
        )  # fmt: skip
        weights = self._bench.atlas.meta["sums"]["model"]
        return FirstMinuteFile(**self._heat.model_dump(), model=weights, seed=seed, dials=dials)

    def _recorded(self, of: TriedPush, seed: int) -> tuple[RecordedText, ...]:
        """At all places side by side, where each is written as it would be alone."""
        asked = [self._heat.request(of.prompt, of.push.dials(at), seed) for at in PLACES]
        traces = self._bench.engine.generate(asked).traces()
        return tuple(
            RecordedText(at=at, text=each.text) for at, each in zip(PLACES, traces, strict=True)
        )


def record(bench: Bench, prompts: Mapping[str, str], out: Path) -> Iterator[str]:
    """A line a dial; writes the file at the end. prompts: by concept. Raises AuthorError where too
    few are good."""
    known = load_concepts()
    if unknown := [name for name in prompts if name not in known]:
        raise AuthorError(f"no concept {unknown[0]!r}; there are {', '.join(known)}")
    making, kept = Recording(bench), list[TriedPush]()
    least = LEAST_TALKING if bench.chats else LEAST
    for concept, prompt in prompts.items():
        found = making.tried(concept, prompt)
        if found is None:
            yield f"{concept}: nothing is known to push it"
            continue
        of, few = len(found.score.replies), "" if found.reaches(least) else ", too few"
        yield f"{concept}: {found.hits} of {of} at {found.push.strength:g}{few}"
        if found.reaches(least):
            kept.append(found)
        if len(kept) == KEPT:
            break
    if len(kept) < KEPT:
        raise AuthorError(
            f"{out}: {len(kept)} of {len(prompts)} dials hit in {least:.0%} of their replies, and "
            f"{KEPT} are needed; name others with --concepts"
        )
    text = making.recorded(kept).model_dump_json(indent=1) + "\n"
    tables.whole(out, lambda partial: partial.write_text(text, encoding="utf-8"))
    yield str(out)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m playground first-minute", description=__doc__)
    settings.add_options(parser)
    parser.add_argument("--concepts", metavar="NAME,NAME", help="in this order")
    parser.add_argument(
        "--prompt", help="for all: what is said to the model, or how its text begins"
    )
    parser.add_argument("--out", type=Path, required=True, help="the file to write (JSON)")
    given = parser.parse_args(arguments)
    bench = Bench.open(settings.settings_of(given))
    usual = SAID if bench.chats else BEGUN
    names, prompts = settings.names(given.concepts or ",".join(usual)), [*usual.values()]
    wanted = {name: given.prompt or usual.get(name, prompts[-1]) for name in names}
    try:
        for line in record(bench, wanted, given.out):
            print(line, flush=True)
    finally:
        bench.engine.close()
    return 0
