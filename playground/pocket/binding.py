"""Does the model carry what a text is about? Measured on sampled texts, beside real documents."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from playground.pocket.corpus import Document
from playground.pocket.grammar import Grammar
from playground.pocket.template import MEN, WOMEN
from playground.pocket.writer import WORD

FEW = 3  # a text with fewer topic words says nothing about binding
TELLING = 0.97
WHOLE = 0.85  # share of one topic's words from which a whole text counts as on that topic


@dataclass(frozen=True)
class Binding:
    """purity: share of topic words that belong to their text's main topic; whole: share of texts
    at least WHOLE pure; names: different names a text; texts: how many were judged (no switch
    written, at least FEW topic words)."""

    purity: float
    whole: float
    names: float
    texts: int


def telling_words(documents: Iterable[Document], grammar: Grammar) -> dict[str, str]:
    """Words that betray their topic -> topic.

    They are on its list, and at least TELLING of their uses stand in its documents.

    A list alone will not do: a wheel belongs to bicycles, but carts and clocks have one too.
    """
    uses: dict[str, Counter[str]] = {}
    for document in documents:
        topics = [name for name in document.concepts if name in grammar.topics]
        if len(topics) == 1 and not document.switch:
            for word in WORD.findall(document.text):
                uses.setdefault(word.lower(), Counter())[topics[0]] += 1
    telling: dict[str, str] = {}
    for word, counts in uses.items():
        topic, most = counts.most_common(1)[0]
        if word in grammar.topics[topic].words and most >= TELLING * counts.total():
            telling[word] = topic
    return telling


def switch_patterns(grammar: Grammar) -> re.Pattern[str]:
    """One pattern that finds any connecting phrase of switches.toml."""
    templates = [
        *grammar.switches["plot"],
        *grammar.switches["facts"],
        *grammar.switches["mood"],
        *grammar.switches["speaker"],
    ]
    for name in ("genre", "language", "style"):
        templates += [t for group in grammar.switches[name].values() for t in group]
    return re.compile("|".join(map(_pattern, templates)), re.IGNORECASE)


def _pattern(template: str) -> str:
    pattern = ""
    for piece in re.split(r"(\[[^\]]*\]|\{\w+\}|<[^>]*>)", template):
        if piece.startswith("["):
            pattern += "(?:" + "|".join(_pattern(p) for p in piece[1:-1].split("|")) + ")"
        elif piece.startswith(("{", "<")):
            pattern += r"[\w ]{1,30}"
        else:
            pattern += re.escape(piece).replace(r"\ ", " *")
    return pattern


def measure(texts: Iterable[str], owner: dict[str, str], grammar: Grammar) -> Binding:
    """Judges texts in which no switch is written: one paragraph, no connecting phrase."""
    switch = switch_patterns(grammar)
    main, total, whole, judged = 0, 0, 0, 0
    names: list[int] = []
    for text in texts:
        if "\n" in text.strip() or switch.search(text):
            continue
        present = [word.lower() for word in WORD.findall(text)]
        topics = Counter(owner[word] for word in present if word in owner)
        if topics.total() < FEW:
            continue
        judged += 1
        most = topics.most_common(1)[0][1]
        main, total = main + most, total + topics.total()
        whole += most / topics.total() >= WHOLE
        names.append(len(set(WORD.findall(text)) & {*WOMEN, *MEN}))
    if not judged:
        return Binding(0.0, 0.0, 0.0, 0)
    return Binding(main / total, whole / judged, sum(names) / judged, judged)
