"""Words that a written text must not hold, however they are dressed up: in look-alike letters, with
digits, underscores or invisible characters beside or within them, or glued into another word.

Knows no model and no feature.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

INSIDE = 3  # letters from which on a forbidden word is looked for inside others, too
# Letters that look like a Latin one and that NFKC leaves as they are: Cyrillic, Greek, others.
LETTERS = str.maketrans(
    "аеорсухіјѕһԁԛԝвкмнтгпьєӏαβεικνορτυχγηµωƒıɑɡɩʟʀøłđħŧ",
    "aeopcyxijshdqwbkmhtrnbelabeiknoptuxynuwfiagilroldht",
)
SIGNS = str.maketrans("01345789@$!|", "oleastbgasil")  # that are written for letters
UNSEEN = ("Cf", "Mn", "Cc")  # Unicode's classes: no width, accents, control characters
_LETTER = r"[^\W\d_]"


def used(
    words: Sequence[str], text: str, known: Callable[[str], bool] = lambda word: True
) -> list[str]:
    """The words that a text holds, each once, in the order of `words`.

    known: whether a longer word with a forbidden one inside it, such as "scatter", is one of its
    own; what is not known is taken for the forbidden word with something glued to it.
    """
    plain = bare(text)
    # Digits as what they are, and as the letters that they resemble.
    said = list(dict.fromkeys((plain, plain.translate(SIGNS))))
    banned = [bare(word) for word in words]

    def fine(longer: str) -> bool:
        return longer in banned or known(longer)  # a longer one that is banned speaks for itself

    return [
        word
        for word, own in zip(words, banned, strict=True)
        if any(holds(own, each, fine) for each in said)
    ]


def counted(words: Sequence[str], text: str) -> Iterator[str]:
    """Whole words as often as they stand in an ordinary text, in any case."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    either = "|".join(map(re.escape, longest_first))
    return (each.group() for each in re.finditer(whole(either), text.lower()) if words)


def stands(word: str, text: str) -> bool:
    """Whether it stands in a text as a word of its own."""
    said = text.lower()
    return word in said and re.search(whole(re.escape(word)), said) is not None


def holds(word: str, said: str, known: Callable[[str], bool]) -> bool:
    if stands(word, said):
        return True
    longer = re.findall(rf"{_LETTER}*{re.escape(word)}{_LETTER}*", said)
    return len(word) >= INSIDE and not all(map(known, longer))


def whole(pattern: str) -> str:
    """Digits and underscores end a word."""
    return rf"(?<!{_LETTER})(?:{pattern})(?!{_LETTER})"


def bare(text: str) -> str:
    """In lower case and plain letters, without accents and what cannot be seen."""
    if text.isascii() and text.isprintable():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold().translate(LETTERS)
    return "".join(
        each
        for each in unicodedata.normalize("NFD", folded)
        if each.isspace() or unicodedata.category(each) not in UNSEEN
    )
