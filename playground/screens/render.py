"""HTML from the Jinja templates beside this file: what is put into one is escaped, unless one made
it. Knows no page."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from playground.text.words import Words

TEMPLATES = Path(__file__).with_name("templates")


@lru_cache
def environment(words: Words) -> Environment:
    """Of one language. In a template `t("page.key", count=3)` is a text of the catalogue."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["t"] = words
    made.globals["words"] = words
    return made


def render(words: Words, template: str, **values: object) -> Markup:
    """A template filled in. Raises UndefinedError for a value that it names and was not given."""
    return Markup(environment(words).get_template(f"{template}.html").render(values))
