"""What features are called, as messages. An atlas holds its labels in English, as features.py
writes them, so that a search finds them; here they are read back. Knows no feature."""

from collections.abc import Mapping, Sequence
from functools import cache

from playground.atlas import tables
from playground.atlas.cards import UNLABELLED
from playground.concepts.concepts import load_concepts, spoken
from playground.messages import Line, Message

SUBJECT = "concept-auroc"  # how a label was made that is a concept's title
FIXED = {
    "never fires here": Message("atlas.dead"),
    "unlabelled": UNLABELLED,
    "line breaks": Message("atlas.line_breaks"),
    "line break": Message("atlas.line_break"),
}
ONE_TOKEN = {
    "the word part ": "atlas.part",
    "the word ": "atlas.word",
    "the number ": "atlas.number",
    "the sign ": "atlas.sign",
}
MAKES, LIKELIER = "makes ", " likelier"
SOURCES = dict(
    zip(
        tables.SOURCES,
        map(
            Message,
            ("atlas.held_out", "atlas.own_samples", "atlas.other_texts", "atlas.levels_texts"),
        ),
        strict=True,
    )
)


def called(concept: str) -> Message:
    """The label of a feature that detects a concept."""
    return Message("atlas.concept", concept=Message(f"concepts.{concept}"))


@cache
def names() -> Mapping[str, str]:
    """The concepts' names by their titles as features.py writes them."""
    return {spoken(concept): name for name, concept in load_concepts().items()}


def described(text: str, made: str, concepts: Sequence[str]) -> Line:
    """A card's label; made: how; concepts: the names of those that it tells best."""
    return called(concepts[0]) if made == SUBJECT and concepts else label(text)


def label(described: str) -> Line:
    """What is written in no way that is known (by an atlas of another version) stays as it is."""
    if described in FIXED:
        return FIXED[described]
    if described in names():
        return called(names()[described])
    for beginning, key in ONE_TOKEN.items():
        if described.startswith(beginning):
            return Message(key, token=unquoted(described.removeprefix(beginning)))
    if described.startswith(MAKES) and described.endswith(LIKELIER):
        tokens = unquoted(described.removeprefix(MAKES).removesuffix(LIKELIER)).split("', '")
        return Message("atlas.makes", tokens=tuple(map(quoted, tokens)))
    if described[:1] == "'" or " or " in described:
        return Message("atlas.tokens", tokens=tuple(map(either, described.split(" or "))))
    return described


def unquoted(text: str) -> str:
    return text.removeprefix("'").removesuffix("'")


def quoted(token: str) -> Message:
    return Message("atlas.token", token=token)


def either(text: str) -> Message:
    """One of the tokens that a feature fires on."""
    return FIXED.get(text) or quoted(unquoted(text))


def words_of(label: Line) -> list[str]:
    """The tokens that a label names."""
    if isinstance(label, str):
        return []
    params = (each for value in label.params.values() for each in listed(value))
    found = list[str]()
    for each in params:
        found += words_of(each) if isinstance(each, Message) else [str(each)]
    return found if label.key.startswith("atlas.") else []


def listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
