"""One English: what is shown and written here is British, as the first of its texts were. Titles of
papers, code, addresses and the words that concepts look for keep their own spelling."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
AMERICAN = re.compile(
    r"\b(?:behaviors?|colors?|colored|favorites?|neighbor(?:s|ing)?|gray|honors?"
    r"|centers?|centered|labeled|labeling|modeling|canceled|traveled|traveling|dialed|artifacts?"
    r"|catalogs?|defense|judgments?|percent|skillful|optimiz\w+"
    r"|(?:recogn|organ|normal|initial|general|summar|minim|maxim|real|emphas|special|random|verbal)iz\w+"
    r"|analyz\w+)\b",
    re.IGNORECASE,
)
# Left out: code, addresses, the names of links (titles of papers), gaps of messages, sources, lists
# of other names for the search.
ELSEWHERE = re.compile(
    r"```[\s\S]*?```|`[^`\n]+`|\[[^\]\n]*\]\(https?:[^)\s]+\)|https?:\S+|\{[^{}]*\}"
    r"|^(?:Sources|source|examples|prompts|aliases|color\w+)\b.*$",
    re.MULTILINE,
)


def written() -> Iterator[Path]:
    """English texts: documents, the handbook, levels, messages."""
    for pattern in ("*.md", "docs/*.md", "docs/handbook/*.md", "levels/*.toml", "levels/*/*.toml"):
        yield from ROOT.glob(pattern)
    yield from ROOT.glob("playground/text/en/*.ftl")


TEXTS = [
    path for path in sorted(written()) if ".ru." not in path.name and "concepts" not in path.parts
]


def test_there_are_texts_to_read() -> None:
    assert len(TEXTS) > 200


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("The color of its behavior", ["color", "behavior"]),
        ("The colour of its behaviour, recognised in 9 per cent", []),
        ("`color` and [Layer Normalization](https://x.org/normalization)", []),
        ("two { NUMBER($share, style: 'percent') } of them, optimized", ["optimized"]),
    ],
)
def test_american_spelling_is_told_from_names(said: str, found: list[str]) -> None:
    assert american(said) == found


def american(text: str) -> list[str]:
    return AMERICAN.findall(ELSEWHERE.sub(" ", text))


def test_every_text_is_in_british_spelling() -> None:
    found = {
        str(path.relative_to(ROOT)): words
        for path in TEXTS
        if (words := american(path.read_text(encoding="utf-8")))
    }
    assert not found
