"""The proofs of many levels as one table, and what share of the levels each player wins; and the
same as a page of the documentation.

Proves nothing itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from playground.levels.kinds import Level
from playground.levels.level import GREEDY, RANDOM, REFERENCE, THUMB, WRONG
from playground.levels.playable import Reason
from playground.levels.proving.fared import ByRule, Fared, Odds
from playground.levels.proving.proof import HALF_RIGHT, LUCKY, ProofLine
from playground.levels.proving.ruled import DOUBT, SELDOM

ROW = "{:<18} {:<9} {:>3}  {:<9} {:<8} {:<8} {:<15} {}"
HEAD = ROW.format("level", "kind", "min", REFERENCE, GREEDY, RANDOM, WRONG, "verdict")
# Players without insight: what fills in a sheet without reading it, too.
BLIND = (
    "start",
    "nothing",
    "first option",
    "last option",
    RANDOM,
    THUMB,
    "full strength",
    "most common",
)


def table(levels: Sequence[Level], lines: Sequence[ProofLine]) -> Iterator[str]:
    """A head, a row for each level, a line for each player."""
    yield HEAD
    for level in levels:
        yield row(level, [line for line in lines if line.level == level.id])
    for player in (REFERENCE, GREEDY, WRONG, *BLIND):
        tried = [line for line in lines if line.player == player]
        played = {line.level for line in tried}
        if played:
            share = sum(line.wins / line.tries for line in tried) / len(tried)
            yield f"{player}: wins {share:.1%} of its tries in {len(played)} levels"


def row(level: Level, lines: Sequence[ProofLine]) -> str:
    proven = bool(lines) and all(line.passed for line in lines)
    verdict = "proven" if proven else "FAILED"
    said = [wins(lines, player) for player in (REFERENCE, GREEDY, RANDOM, WRONG)]
    return ROW.format(level.id, level.kind, level.minutes, *said, verdict)


def wins(lines: Sequence[ProofLine], player: str) -> str:
    """Of all deals together; a dash where the kind has no such player."""
    tried = [line for line in lines if line.player == player]
    if not tried:
        return "-"
    return f"{sum(line.wins for line in tried)}/{sum(line.tries for line in tried)}"


# -- docs/levels.md --------------------------------------------------------------------------------
PAGE = f"""# How the levels were proven

Made by `python -m playground.levels table` from what `python -m playground.levels check` wrote: of
pocket into `levels/fared.json`, of another model beside its atlas. The page of a level says the
same of it.

- *reference*: the level's own solution. Of what is steered the try that a player would see and 200
  drawn from stored replies, of what asks questions one try for each deal that was proven.
- *by chance*: features or answers by chance, 200 tries of each deal; at most
  {LUCKY:.0%} of them may win.
- *half right*: of what is steered, half the strength, the second best feature, a feature of the
  concept at another place, one dial of two; of 200 tries each at most {HALF_RIGHT:.0%} may win. One
  with at least nine tenths of the solution's share of replies is another solution, not among them.
  Of some kinds that ask, somebody who goes by a look that misleads, one try of each look for each
  deal.
- *by a rule*: of levels with options the rule of thumb that won most of the rounds that were
  proven, out of some twenty to fifty that play each of them: the longest option, the rarest word,
  the option that shares a word with the question, the largest number of a chart, the second
  largest. No rule may win so often that it could not be luck if it won {SELDOM:.0%} of all rounds
  (chance below {DOUBT:.1%}). Not among them is what there is to see in a kind: that in *budget*
  and *smallest* the second chart tells, and not the first.
- *chance*: of an answer by chance to pass, as a 95 % interval (Wilson).
- Dashes: not proven yet as the level and the atlas are now.
"""
HEADS = """
| level | kind | what wins | reference | by chance | half right | by a rule | chance |
|---|---|---|---|---|---|---|---|
"""
HIDDEN: Mapping[Reason, str] = {
    "lacking": "the atlas lacks what it needs",
    "lost": "its solution does not win",
    "blind": "somebody wins it without insight",
    "bare": "no features",
    "unproven": "not tried yet",
    "mute": "it is about how a model talks, and this one does not chat",
}


@dataclass(frozen=True)
class ModelProofs:
    """What was proven on one model. missing: why levels are hidden there, by id."""

    title: str
    fared: Mapping[str, Fared]
    missing: Mapping[str, Reason]


def page(levels: Sequence[Level], models: Sequence[ModelProofs]) -> str:
    """A table a model, in course order."""
    return PAGE + "".join(section(levels, each) for each in models)


def section(levels: Sequence[Level], model: ModelProofs) -> str:
    """One row a level that can be played; of one that was not proven since it was changed, dashes.
    Below it those that are hidden there, and why."""
    shown = [each for each in levels if each.id not in model.missing]
    rows = "".join(f"{row_of(each, model.fared.get(each.id))}\n" for each in shown)
    made = f"\n## {model.title}: {len(shown)} of {len(levels)} levels\n{HEADS}{rows}"
    if not model.missing:
        return made
    why = dict[Reason, list[str]]()
    for each in levels:
        if each.id in model.missing:
            why.setdefault(model.missing[each.id], []).append(each.id)
    said = "".join(f"- {HIDDEN[reason]}: {', '.join(ids)}\n" for reason, ids in why.items())
    return f"{made}\nHidden there:\n\n{said}"


def row_of(level: Level, found: Fared | None) -> str:
    wins = " ".join(goal.says for goal in level.goals).replace("|", "\\|")
    tried = (found.reference, found.by_chance, found.half_right) if found else (None, None, None)
    rule = by_rule(level, found.by_rule if found else None)
    cells = [level.id, level.kind, wins, *map(told, tried), rule, chance(tried[1])]
    return f"| {' | '.join(cells)} |"


def told(odds: Odds | None) -> str:
    return "-" if odds is None else f"{odds.wins} of {odds.tries}"


def by_rule(level: Level, found: ByRule | None) -> str:
    if found is None:
        return "-"
    rule, wins = found.best(level)
    return f"{wins} of {found.rounds}" + (f" ({rule})" if wins else "")


def chance(odds: Odds | None) -> str:
    if odds is None:
        return "-"
    return f"{odds.interval.low:.1%} to {odds.interval.high:.1%}"
