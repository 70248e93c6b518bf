"""Unselected samples for docs/pocket.md: seeds 0, 1, 2 ... without a dial, and with one."""

from playground.atlas.calibrate import FRESH_PROMPTS
from playground.atlas.cards import ConceptEntry
from playground.engine.records import Request, Sampling, Trace
from playground.levels.judging import Bench

TOKENS = 110
HALF = 0.5


def unsteered(bench: Bench, count: int) -> list[Trace]:
    """Seed n, from nothing but the beginning of text."""
    wanted = [Request("", (), Sampling(max_tokens=TOKENS, seed=seed)) for seed in range(count)]
    return bench.engine.generate(wanted).traces()


def steered(bench: Bench, count: int) -> list[tuple[str, Trace]]:
    """Seed n; the concepts that steer, spread evenly over the alphabet; fresh prompts."""
    concepts = sorted(c for c in bench.atlas.concepts() if steers(bench.atlas.concept(c)))
    chosen = [concepts[n * len(concepts) // count] for n in range(count)]
    wanted = [
        Request(
            FRESH_PROMPTS[seed % len(FRESH_PROMPTS)],
            (bench.atlas.concept(concept).recipes[0].dial(),),
            Sampling(max_tokens=TOKENS, seed=seed),
        )
        for seed, concept in enumerate(chosen)
    ]
    return list(zip(chosen, bench.engine.generate(wanted).traces(), strict=True))


def steers(entry: ConceptEntry) -> bool:
    """Whether the atlas found at least half of the replies on the concept and undamaged."""
    recipe = next(iter(entry.recipes), None)
    if recipe is None:
        return False
    return next(p.both for p in recipe.curve if p.strength == recipe.strength) >= HALF


def markdown(bench: Bench, count: int) -> str:
    lines = ["### Without a dial", ""]
    for seed, trace in enumerate(unsteered(bench, count)):
        lines += [f"**seed {seed}**", "", quoted(trace), ""]
    lines += ["### With one dial", ""]
    for seed, (concept, trace) in enumerate(steered(bench, count)):
        dial = trace.request.dials[0]
        setting = (
            f"{dial.site} feature {dial.feature}, {dial.method}, {dial.scope}, "
            f"{dial.strength} residual norms"
        )
        lines += [f"**seed {seed}, {concept}** ({setting})", "", quoted(trace), ""]
    return "\n".join(lines)


def quoted(trace: Trace) -> str:
    """Prompt and reply as one Markdown quotation; cut off marks a reply that met its length."""
    cut = " [cut off]" if trace.finish == "length" else ""
    text = f"{trace.request.prompt}{trace.text}{cut}".strip()
    return "\n".join("> " + line + "  " for line in text.split("\n"))
