"""How a player answers what is asked about circuits."""

import re
from collections.abc import Callable, Sequence

from tests.player.notebook import Notebook
from tests.player.screen import Question, text_of, words_of

WORD = 4  # letters of a word that says something
MOVES = 3  # the block in which a word is fetched, most often


def in_time(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The word's own place before it is fetched, the last token behind that."""
    blocks = [int(re.findall(r"after block (\d+)", option)[0]) for option in question.options]
    last = [option.endswith("the last token") for option in question.options]
    own = [n for n in range(len(blocks)) if not last[n] and blocks[n] <= MOVES]
    ends = [n for n in range(len(blocks)) if last[n] and blocks[n] >= MOVES]
    if own:
        return min(own, key=lambda n: blocks[n])
    return max(ends or range(len(blocks)), key=lambda n: blocks[n])


def looking_back(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The head that looks hardest at the word that is copied, where that is told; else at a name,
    or at a word rather than at a comma or at what is small; the beginning apart."""
    shown = next(each for each in question.exhibits if each.grid)
    told = re.search(r"goes on with “(.+?)”|says “(.+?)” again", question.ask)
    said = told.group(1) or told.group(2) if told else ""

    def weight(token: str) -> float:
        plain = token.strip("“”")
        if plain == said:
            return 100
        if not plain.isalpha() or len(plain) < WORD:
            return 0.1
        return 2 if plain[0].isupper() else 1

    weights = [0, *map(weight, shown.columns[1:])]
    worth = [max(value * weights[n] for n, (_, value) in enumerate(row)) for row in shown.grid]
    return worth.index(max(worth))


def measured(question: Question) -> list[list[float]]:
    """The numbers of each row of bars, in order."""
    return [[value for _, value in each.bars] for each in question.exhibits if each.bars]


def most_missed(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The feature that gives the word more than its rival."""
    word, rival = measured(question)
    return max(range(len(word)), key=lambda n: word[n] - rival[n])


def foretold(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The word that has most when what it gets is added."""
    now, moved = measured(question)
    return max(range(len(now)), key=lambda n: now[n] + moved[n])


def feeding(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The feature with the largest product: how high it fires, and what a unit of it adds."""
    fires, unit = measured(question)
    return max(range(len(fires)), key=lambda n: fires[n] * unit[n])


def pushing(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """Whose errors push most for the word, however large they are."""
    sizes, pushes = measured(question)
    return max(range(len(sizes)), key=lambda n: pushes[n])


def carrying(question: Question) -> list[int]:
    """Those that the word truly misses most, one by one."""
    _, costs = measured(question)
    return sorted(range(len(costs)), key=lambda n: -costs[n])[: question.most]


def rung(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """Upwards through the map: where the answer's number becomes the smaller one again."""
    rows = next(each.grid for each in question.exhibits if each.grid)[::-1]
    ahead = [row[0][1] > row[1][1] for row in rows]
    names = next(each.rows for each in question.exhibits if each.grid)[::-1]
    fall = next(n for n in range(1, len(ahead)) if ahead[n - 1] and not ahead[n])
    return question.options.index(names[fall])


def bringing(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The block from which on the answer leads; attention for a word that begins with a capital
    letter or is said again, else the MLP."""
    exhibit = next(each for each in question.exhibits if each.grid)
    rows = exhibit.grid[::-1]
    behind = [n for n, row in enumerate(rows) if row[0][1] <= row[1][1]]
    block = re.findall(r"\d+", exhibit.rows[::-1][max(behind, default=-1) + 1])[0]
    word = rows[-1][0][0].strip()
    text = " ".join(text_of(strip) for each in question.exhibits for strip in each.strips)
    sort = "attention" if word[:1].isupper() or word in words_of(text) else "MLP"
    return question.options.index(f"{sort} of block {block}")


WAYS: Sequence[
    tuple[Callable[[Question], bool], Callable[[Question, Sequence[Question], Notebook], int]]
] = (
    (lambda q: "One single state of the second" in q.ask, in_time),
    (lambda q: "four attention heads" in q.ask, looking_back),
    (lambda q: "took the lead away" in q.ask, rung),
    (lambda q: "to the front for good" in q.ask, bringing),
    (lambda q: "on earlier tokens feeds it" in q.ask, feeding),
    (lambda q: "These four features fire" in q.ask, most_missed),
    (lambda q: "Now one feature is switched off" in q.ask, foretold),
    (lambda q: "the place of the MLP" in q.ask or "the place of all MLPs" in q.ask, pushing),
)
