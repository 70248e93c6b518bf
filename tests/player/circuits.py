"""How a player answers what is asked about circuits."""

import re
from collections.abc import Sequence

from tests.player.notebook import Notebook
from tests.player.screen import Question, text_of, words_of

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
    """The head with the largest number, the beginning apart."""
    rows = next(each.grid for each in question.exhibits if each.grid)
    return max(range(len(rows)), key=lambda n: max(value for _, value in rows[n][1:]))


def copying(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The row that has most in the column of the word that is told; where rows are words, the one
    whose first stands in the text, the surest of several."""
    rows = next(each.grid for each in question.exhibits if each.grid)
    words = [row[0][0].strip() for row in rows]
    if not any(words):
        return looking_back(question, earlier, book)
    text = " ".join(text_of(strip) for each in question.exhibits for strip in each.strips)
    sure = [share * (word in words_of(text) or word in text) for (word, share), *_ in rows]
    return max(range(len(rows)), key=lambda n: sure[n])
