"""The catalogue of a language: text/LANGUAGE/GROUP.ftl, Fluent messages by group. Knows neither who
asks for them nor what is put into them."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle, FluentResource, resolver
from fluent.syntax import FluentParser, FluentSerializer, ast
from fluent.syntax.visitor import Visitor

from playground.errors import AuthorError
from playground.text.language import LOCALES, Language

# What players and models write stands in messages and may be longer than Fluent expects; how much
# of it is shown is limited where it comes in.
resolver.MAX_PART_LENGTH = 1_000_000
FOLDER = Path(__file__).parent
INDENT = "\n    "


class Found(Visitor):
    """What an entry is filled in from. A line break within a text becomes a space, so that files
    can have lines of a bearable length."""

    def __init__(self) -> None:
        self.variables = set[str]()

    def visit_TextElement(self, node: ast.TextElement) -> None:
        node.value = node.value.replace("\n", " ")

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.variables.add(node.id.name)


class MessageGroup:
    """One file, read strictly."""

    def __init__(self, path: Path) -> None:
        """Raises AuthorError naming the file and its first fault."""
        self.path = path
        self.entries: dict[str, ast.Message] = {}
        self.variables: dict[str, frozenset[str]] = {}
        self.resource = parsed(path)
        for entry in self.resource.body:
            if isinstance(entry, ast.Junk):
                line = (entry.content or "").strip().partition("\n")[0]
                raise AuthorError(f"{path}: no Fluent: {entry.annotations[0].message}: {line!r}")
            if isinstance(entry, ast.Message):
                self._add(entry)

    def _add(self, entry: ast.Message) -> None:
        name = entry.id.name
        if name in self.entries:
            raise AuthorError(f"{self.path}: has {name!r} twice")
        if entry.value is None or entry.attributes:
            raise AuthorError(f"{self.path}: {name!r} has to be one text, without attributes")
        found = Found()
        found.visit(entry)
        self.entries[name] = entry
        self.variables[name] = frozenset(found.variables)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Each entry as it stands in the file, in one form, without its name."""
        write = FluentSerializer().serialize_entry
        return {
            name: write(entry).partition("=")[2].strip().replace(INDENT, "\n")
            for name, entry in self.entries.items()
        }


def variables(text: str) -> frozenset[str]:
    """What one of those texts is filled in from."""
    entry = FluentParser().parse_entry(f"text ={INDENT}{text.replace(chr(10), INDENT)}")
    found = Found()
    found.visit(entry)
    return frozenset(found.variables)


def parsed(path: Path) -> ast.Resource:
    try:
        return FluentResource(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise AuthorError(f"{path}: cannot be read as a text: {error}") from error


@cache
def group(language: Language, name: str, folder: Path = FOLDER) -> MessageGroup:
    """Read when it is first asked for: a page needs a few of them."""
    return MessageGroup(folder / language / f"{name}.ftl")


def groups(language: Language, folder: Path = FOLDER) -> Iterator[tuple[str, MessageGroup]]:
    """All of a language, by name."""
    for path in sorted((folder / language).glob("*.ftl")):
        yield path.stem, group(language, path.stem, folder)


def bundle(
    language: Language, name: str, functions: dict[str, Callable[[Any], Any]]
) -> FluentBundle:
    """One group, ready to be filled in."""
    made = FluentBundle([LOCALES[language]], functions, use_isolating=False)
    made.add_resource(group(language, name).resource)
    return made
