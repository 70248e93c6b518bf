"""HTML from the Jinja templates beside this file: what is put into one is escaped, unless one made
it. Knows no page."""

from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup

from playground.messages import Filled, Message
from playground.text.words import Words

TEMPLATES = Path(__file__).with_name("templates")
LANGUAGES = 8  # environments that are kept


@lru_cache(LANGUAGES)
def environment(words: Words | None) -> Environment:
    """Of one language, or of none. In a template `t("page.key", count=3)` is a text of the
    catalogue, and `0.25|number(".3g")` a number as Python formats it."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=partial(in_words, words),
        auto_reload=False,
    )
    made.filters["number"] = format
    made.globals["zip"] = zip
    if words is not None:
        made.globals["t"] = words
        made.globals["words"] = words
    return made


def in_words(words: Words | None, value: object) -> object:
    """Messages become sentences wherever a template writes them."""
    if not isinstance(value, Message | Filled):
        return value
    if words is None:
        raise TypeError(f"{value}: a template without words was to say it")
    return words.said(value)


def render(words: Words | None, template: str, /, **values: object) -> Markup:
    """A template filled in. Raises UndefinedError for a value that it names and was not given."""
    return Markup(environment(words).get_template(f"{template}.html").render(values))


def macro(words: Words | None, name: str, /, *values: object, **named: object) -> Markup:
    """One macro of a template: `macro(words, "card:example", text, top)`. What says nothing to the
    player needs no words."""
    return Markup(macros(words, name)(*values, **named))


@lru_cache(LANGUAGES * 128)
def macros(words: Words | None, name: str) -> Macro:
    template, _, part = name.partition(":")
    return getattr(environment(words).get_template(f"{template}.html").module, part)
