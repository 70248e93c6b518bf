"""The words of a language: messages and keys become sentences, from the catalogue beside this file.
Knows no screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from math import isfinite

from babel import Locale
from babel.lists import format_list
from fluent.runtime import FluentBundle
from fluent.runtime.types import FluentType, fluent_number

from playground.errors import AuthorError
from playground.messages import Filled, Line, Message, Param
from playground.text import catalogue, titles
from playground.text.language import LOCALES, SOURCE, Language

CONCEPTS = "concepts"  # the group whose messages are the concepts' titles
SITES = "sites"


@dataclass(frozen=True)
class Words:
    """`words("hunt.look")`, `words("hunt.all", count=3)`, `words(Message("hunt.all", count=3))`."""

    language: Language = SOURCE

    def __call__(self, said: Message | str, /, **params: Param) -> str:
        """Raises AuthorError for a key that the catalogue lacks or a gap that nothing fills."""
        message = Message(said, **params) if isinstance(said, str) else said
        name, _, entry = message.key.partition(".")
        if name == CONCEPTS:
            return self._title(entry).alone
        bundle = bundle_of(self.language, name)
        if not bundle.has_message(entry):
            raise AuthorError(f"text/{self.language}/{name}.ftl: has no {entry!r} ({message})")
        pattern = bundle.get_message(entry).value
        assert pattern is not None
        filled = {key: self._fluent(value) for key, value in message.params.items()}
        text, errors = bundle.format_pattern(pattern, filled)
        if errors:
            raise AuthorError(f"text/{self.language}/{name}.ftl: {entry}: {errors[0]} ({message})")
        return str(text)

    @classmethod
    def of(cls, language: Language) -> "Words":
        return cls(language)

    @classmethod
    def load(cls) -> "Words":
        return cls()

    def said(self, line: Line | Filled) -> str:
        """A message in words; a text as it is."""
        if isinstance(line, Filled):
            return line.text.format(**{name: self.plain(line.params[name]) for name in line.params})
        return self(line) if isinstance(line, Message) else line

    def plain(self, param: Param) -> str:
        """What stands in a sentence for a parameter."""
        value = self._fluent(param)
        return value.format(self.locale) if isinstance(value, FluentType) else str(value)

    def number(self, value: float) -> str:
        """As this language writes it."""
        return self.plain(value)

    def site(self, name: str) -> str:
        """A place in the model; one that has no name of its own is called by its module."""
        known = bundle_of(self.language, SITES).has_message(name)
        return self(f"{SITES}.{name}") if known else name

    def english(self, query: str) -> str:
        """A search for a concept by its name in this language, as the atlas knows it."""
        return titles.english(query, self.language)

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(LOCALES[self.language], sep="-")

    def _title(self, concept: str) -> titles.Title:
        known = titles.titles(self.language)
        if concept not in known:
            raise AuthorError(f"levels/concepts: has no {concept!r}")
        return known[concept]

    def _fluent(self, param: Param) -> FluentType:
        if isinstance(param, Message):
            return Nested(self, param)
        if isinstance(param, tuple):
            return Listed([self._fluent(each) for each in param])
        if isinstance(param, str) or not isfinite(param):
            return Plain(param)
        return fluent_number(param)


# -- what gaps are filled with ---------------------------------------------------------------------
class Plain(str, FluentType):
    """A text as it is, of any length."""

    def format(self, locale: Locale) -> str:  # type: ignore[override]
        return str(self)


@dataclass(frozen=True)
class Nested(FluentType):
    words: Words
    message: Message

    def format(self, locale: Locale) -> str:
        return self.words(self.message)

    @property
    def inline(self) -> FluentType:
        """A concept's title as it stands in the middle of a sentence."""
        name, _, entry = self.message.key.partition(".")
        return Plain(self.words._title(entry).inline) if name == CONCEPTS else self


@dataclass(frozen=True)
class Listed(FluentType):
    """a, b and c"""

    items: Sequence[FluentType]

    def format(self, locale: Locale) -> str:
        return format_list([each.format(locale) for each in self.items], "standard", locale)


class Either(Listed):
    """a, b or c"""

    def format(self, locale: Locale) -> str:
        return format_list([each.format(locale) for each in self.items], "or", locale)


class CommaList(Listed):
    """a, b, c"""

    def format(self, locale: Locale) -> str:
        return ", ".join(each.format(locale) for each in self.items)


# -- what the catalogue may call -------------------------------------------------------------------
def inline(value: FluentType) -> FluentType:
    if isinstance(value, Listed):
        return type(value)([inline(each) for each in value.items])
    return value.inline if isinstance(value, Nested) else value


def place(language: Language, value: FluentType) -> FluentType:
    if isinstance(value, Listed):
        return type(value)([place(language, each) for each in value.items])
    return Plain(Words(language).site(str(value)))


def either(value: FluentType) -> FluentType:
    return Either(value.items) if isinstance(value, Listed) else value


def row(value: FluentType) -> FluentType:
    return CommaList(value.items) if isinstance(value, Listed) else value


@cache
def bundle_of(language: Language, group: str) -> FluentBundle:
    """`INLINE($topic)`: a concept within a sentence; `SITE($site)`: a place in the model;
    `OR($them)`, `ROW($them)`: a list with "or", and with commas alone."""
    site = partial(place, language)
    functions = {"INLINE": inline, "SITE": site, "OR": either, "ROW": row}
    return catalogue.bundle(language, group, functions)
