"""What two texts have in common word by word: runs of eight words that stand in others too.

Knows nothing of tokens, models or what the texts are for. Eight in a row are the usual measure of
whether a test text was seen before (13 in Brown et al. 2020, 8 in Chowdhery et al. 2022).
"""

import re
from collections.abc import Iterable, Iterator

RUN = 8  # words in a row
# What a word is, differs from reader to reader (with apostrophes, hyphens, digits or without, or
# all between spaces): a run of any of these counts.
WORDS = tuple(
    re.compile(each)
    for each in (r"\w+", r"[^\W\d_]+", r"[\w'’]+", r"(?:[^\W\d_]|['’])+", r"[\w'’-]+", r"\S+")
)

Span = tuple[int, int]  # characters, the second left out


class Runs:
    """The runs of some texts; case does not matter."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._known = {run for text in texts for run, _ in runs(text)}

    def add(self, text: str) -> None:
        self._known.update(run for run, _ in runs(text))

    def __bool__(self) -> bool:
        return bool(self._known)

    def spans(self, text: str) -> list[Span]:
        """Where the runs of the text that are known stand, of each sort of word in order."""
        return [span for run, span in runs(text) if run in self._known] if self._known else []

    def shared(self, text: str) -> bool:
        return any(run in self._known for run, _ in runs(text)) if self._known else False


def runs(text: str) -> Iterator[tuple[int, Span]]:
    """Every run of a text, as a number that is the same for the same words within one process."""
    lower = text.lower()
    for sort, word in enumerate(WORDS):
        found = [(match.group(), match.span()) for match in word.finditer(lower)]
        for n in range(len(found) - RUN + 1):
            words = tuple(each for each, _ in found[n : n + RUN])
            yield hash((sort, *words)), (found[n][1][0], found[n + RUN - 1][1][1])
