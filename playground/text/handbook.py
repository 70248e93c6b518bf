"""The handbook as records, read from docs/handbook/ and checked: pages, groups, terms, links.

Draws nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import BaseModel, ConfigDict, Field

from playground.errors import AuthorError, PlayerError
from playground.text import facts, finding, tomlfile
from playground.text.facts import FACTS, Facts
from playground.text.finding import Findable
from playground.text.language import SOURCE, Language, is_sibling, present, sibling, slug

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook"
ORDER = "order.toml"
FIRST_AT_MOST = 200  # characters of the first sentence; it also has to fit beside a word
TITLES = 4  # of spoken_names: its title in four forms, at most
ELSEWHERE = ("https://", "http://")
# Paragraphs that only point to other pages: a search would find everything everywhere in them.
POINTERS = ("See also:", "Sources:", "См. также:", "Источники:")


# -- the order as a file -------------------------------------------------------------------------
class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GroupEntry(Strict):
    title: str = Field(min_length=1)
    pages: tuple[str, ...] = Field(min_length=1)


class Order(Strict):
    group: tuple[GroupEntry, ...] = Field(min_length=1)


class GroupTitles(Strict):
    """A sibling of the order: the groups' titles by their English ones."""

    titles: Mapping[str, str]


# -- records -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Page:
    """slug: the file's name; first: the defining sentence as plain text; body: the Markdown after
    the title; links: slugs of the pages it links to; said: its plain text, for the search; file:
    where its text stands, from the root of the repository."""

    slug: str
    title: str
    first: str
    body: str
    links: tuple[str, ...]
    said: str
    file: str
    facts: Facts


@dataclass(frozen=True)
class EntryGroup:
    title: str
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Handbook:
    """All pages in reading order; pictures: the text of each SVG file by name."""

    groups: tuple[EntryGroup, ...]
    pictures: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path = HANDBOOK, language: Language = SOURCE) -> "Handbook":
        """A page without a translation is read in English. Raises AuthorError naming the file and
        the first thing that is wrong with it."""
        order = tomlfile.load(folder / ORDER, Order)
        listed(folder, order)
        titles = group_titles(sibling(folder / ORDER, language))
        names = {path.name for path in folder.iterdir()}
        known = facts.read(folder, language)
        checked_all(folder, order, known)
        groups = tuple(
            EntryGroup(
                titles.get(entry.title, entry.title),
                tuple(
                    read_page(present(folder / f"{name}.md", language), names, known[name])
                    for name in entry.pages
                ),
            )
            for entry in order.group
        )
        told_apart(folder, groups)
        pictures = {
            path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.svg"))
        }
        return cls(groups, pictures)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        return tuple(page for group in self.groups for page in group.pages)

    @cached_property
    def by_slug(self) -> dict[str, Page]:
        return {page.slug: page for page in self.pages}

    @cached_property
    def by_term(self) -> dict[str, Page]:
        """Pages by every name they answer to. On a clash a title goes before another name, and the
        earlier page before the later one."""
        names = ((place, name, p) for p in self.pages for place, name in enumerate(names_of(p)))
        found: dict[str, Page] = {}
        for _, name, page in sorted(names, key=lambda each: each[0] >= TITLES):
            found.setdefault(name, page)
        return found

    def page(self, slug: str) -> Page:
        """Raises PlayerError for a page that does not exist."""
        if slug not in self.by_slug:
            raise PlayerError("errors.no_page", page=slug[:40])
        return self.by_slug[slug]

    def term(self, word: str) -> Page | None:
        """The page on a word, whatever its capitals, hyphens and plural."""
        return self.by_term.get(plain(word))

    @cached_property
    def findable(self) -> tuple[Findable, ...]:
        """The pages, in order, as the search sees them."""
        return tuple(Findable.of(spoken_names(page), page.first, page.said) for page in self.pages)

    def search(self, query: str) -> list[Page]:
        """Pages that hold every word of the query, in any form; those first that are called so."""
        ranked = [
            (found, place)
            for place, page in enumerate(self.findable)
            if (found := finding.rank(page, query)) is not None
        ]
        return [self.pages[place] for _, place in sorted(ranked)]

    def near(self, query: str) -> list[Page]:
        """Pages whose names are spelled almost like what was asked for."""
        close = get_close_matches(plain(query[: finding.LONGEST]), self.by_term, n=3, cutoff=0.7)
        return list(dict.fromkeys(self.by_term[name] for name in close))

    @cached_property
    def alphabet(self) -> Mapping[str, tuple[tuple[str, Page], ...]]:
        """Every name with its page, by first letter; a page with two names stands there twice."""
        names = {(name, p.slug) for p in self.pages for name in (p.title, *p.facts.aliases)}
        letters: dict[str, list[tuple[str, Page]]] = {}
        for name, chosen in sorted(names, key=lambda each: spelled(each[0])):
            letters.setdefault(spelled(name)[0].upper(), []).append((name, self.by_slug[chosen]))
        return {letter: tuple(listed) for letter, listed in letters.items()}

    def beside(self, page: Page) -> tuple[Page | None, Page | None]:
        """The pages before and after in reading order."""
        place = self.pages.index(page)
        before = self.pages[place - 1] if place else None
        after = self.pages[place + 1] if place + 1 < len(self.pages) else None
        return before, after


@cache
def shipped(language: Language = SOURCE) -> Handbook:
    """The handbook of this repository, read once a language."""
    return Handbook.load(language=language)


# -- names ---------------------------------------------------------------------------------------
def spelled(name: str) -> str:
    """As an alphabet sorts it: «ё» beside «е», what is no letter passed over."""
    return re.sub(r"[\W_]+", " ", name.casefold().replace("ё", "е")).strip() or name


def plain(word: str) -> str:
    """A name as it is compared: `Decoder-directions ` -> `decoder direction`."""
    words = re.sub(r"[\W_]+", " ", word.lower()).strip()
    return words.removesuffix("s") if len(words) > 2 else words


def spoken_names(page: Page) -> list[str]:
    """Title, its two halves where one stands in brackets, slug, and what else it is called."""
    before, _, inside = page.title.partition("(")
    others = (*page.facts.aliases, *page.facts.english)
    title = (page.title, before, inside.rstrip(") ") or before, page.slug.replace("-", " "))
    return [*title, *others]


def names_of(page: Page) -> list[str]:
    """The same as they are compared."""
    return [plain(name) for name in spoken_names(page)]


# -- one page ------------------------------------------------------------------------------------
def markdown() -> MarkdownIt:
    """The Markdown of the handbook: CommonMark and tables; HTML in a page stays text."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def read_page(path: Path, names: set[str], known: Facts) -> Page:
    """One file. `names`: the files of the folder, for its links. Raises AuthorError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AuthorError(f"{path}: cannot be read as a text: {error}") from error
    tokens = markdown().parse(text)
    title, first, end = beginning(path, tokens)
    lines = text.splitlines()
    links = linked(path, tokens, names)
    spoken = [plain_text(token) for token in tokens if token.type in ("inline", "fence")]
    said = " ".join(part for part in spoken if not part.startswith(POINTERS))
    body = "\n".join(lines[end:]).strip()
    file = "/".join(path.parts[-3:])
    return Page(slug(path), title, first, body, links, said.lower(), file, known)


def beginning(path: Path, tokens: list[Token]) -> tuple[str, str, int]:
    """Title, first sentence, and the line after it."""
    if len(tokens) < 3 or tokens[0].type != "heading_open" or tokens[0].tag != "h1":
        raise AuthorError(f"{path}: the title is missing; the first line has to be `# Title`")
    title = plain_text(tokens[1])
    if not title:
        raise AuthorError(f"{path}: the title is empty; the first line has to be `# Title`")
    if len(tokens) < 6 or tokens[3].type != "paragraph_open":
        raise AuthorError(f"{path}: after the title the sentence that defines it is missing")
    first = plain_text(tokens[4])
    if len(first) > FIRST_AT_MOST or not first.endswith((".", "!", "?")):
        raise AuthorError(
            f"{path}: the paragraph after the title: found {len(first)} characters ending in "
            f"{first[-12:]!r}; allowed is one sentence of at most {FIRST_AT_MOST} characters"
        )
    _, end = tokens[3].map or (0, 0)
    return title, first, end


def plain_text(token: Token) -> str:
    """What a reader sees of an inline or code token, without the marks."""
    if token.children is None:
        return token.content
    breaks = ("softbreak", "hardbreak")
    return "".join(" " if each.type in breaks else each.content for each in token.children).strip()


def linked(path: Path, tokens: list[Token], names: set[str]) -> tuple[str, ...]:
    """Slugs of the pages that are linked to. Raises AuthorError for a link to nowhere."""
    slugs: list[str] = []
    for each in (child for token in tokens for child in token.children or ()):
        if each.type == "image":
            ending, target = ".svg", str(each.attrGet("src"))
        elif each.type == "link_open":
            ending, target = ".md", str(each.attrGet("href"))
            if target.startswith(ELSEWHERE):
                continue
        else:
            continue
        known = sorted(name for name in names if name.endswith(ending))
        if target not in known:
            near = ", ".join(get_close_matches(target, known, n=3) or known[:3])
            raise AuthorError(
                f"{path}: the link to {target!r} leads nowhere; allowed is a {ending} file of "
                f"{path.parent.name}/{f', such as {near}' if near else ''}"
                f"{', or an address with https://' if ending == '.md' else ''}"
            )
        if ending == ".md":
            slugs.append(slug(Path(target)))
    return tuple(dict.fromkeys(slugs))


# -- the whole -----------------------------------------------------------------------------------
def group_titles(path: Path) -> Mapping[str, str]:
    """The groups' titles in another language; none where nobody translated them."""
    if path.name == ORDER or not path.is_file():
        return {}
    return tomlfile.load(path, GroupTitles).titles


def listed(folder: Path, order: Order) -> None:
    """Every page stands in the order once, and everything in the order is a page."""
    names = [name for entry in order.group for name in entry.pages]
    files = {path.stem for path in folder.glob("*.md") if not is_sibling(path)}
    for name in names:
        if names.count(name) > 1:
            raise AuthorError(f"{folder / ORDER}: lists {name!r} twice; a page has one place")
        if name not in files:
            raise AuthorError(f"{folder / ORDER}: lists {name!r}, but there is no {name}.md")
    for extra in sorted(files - set(names)):
        raise AuthorError(
            f"{folder / f'{extra}.md'}: is in no group of {ORDER}; list it or remove it"
        )


def checked_all(folder: Path, order: Order, known: Mapping[str, Facts]) -> None:
    """Every page has its facts, and there are none of a page that is not."""
    names = {name for entry in order.group for name in entry.pages}
    for name in sorted(names ^ known.keys()):
        problem = f"has no [{name}]" if name in names else f"[{name}] is no page of {ORDER}"
        raise AuthorError(f"{folder / FACTS}: {problem}; a page needs at least its `checked`")


def told_apart(folder: Path, groups: tuple[EntryGroup, ...]) -> None:
    """No two pages have the same title."""
    seen: dict[str, str] = {}
    for page in (page for group in groups for page in group.pages):
        other = seen.setdefault(plain(page.title), page.slug)
        if other != page.slug:
            raise AuthorError(
                f"{folder / f'{page.slug}.md'}: the title {page.title!r} is that of {other}.md too"
            )
