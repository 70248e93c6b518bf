"""The handbook: the shipped pages are whole, and a broken one gives one clear line."""

import ast
import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from markupsafe import escape

from playground.atlas.atlas import Atlas
from playground.errors import AuthorError, PlayerError
from playground.game import share
from playground.game.charts import BarChart, Fires
from playground.game.figures import FIGURES
from playground.game.game import Game, House
from playground.levels.schema import Learned
from playground.levels.shelf import Shelf
from playground.screens import theme
from playground.screens.pages import ask, chat, hunt
from playground.screens.pages import handbook as screen
from playground.screens.parts import brief, card, dials, figures, terms
from playground.screens.stage import Offer, Stage
from playground.settings import ASSETS
from playground.text import handbook
from playground.text.facts import FACTS
from playground.text.handbook import FIRST_AT_MOST, HANDBOOK, ORDER, Handbook, Page
from playground.text.language import LANGUAGES, Language, is_sibling
from playground.text.words import Words

WORDS = Words.load()
MONTHS = 9  # after which a page has to be read against its sources again
SOURCED = re.compile(r"^(Sources|Источники): .*\(\d{4}\), \[.+\]\(https://", re.M)
NO_SOURCES = ()  # pages that say nothing of what others found
BOOK = handbook.shipped()
ORDERED = '[[group]]\ntitle = "All"\npages = ["cat", "dog"]\n'
FACTS_OF_TWO = (
    '[cat]\nchecked = "2026-11"\naliases = ["puss in boots"]\n[dog]\nchecked = "2026-11"\n'
)
CAT = "# Cat\n\nA cat is a small animal that purrs.\n\nSee a [dog](dog.md).\n"
DOG = "# Dog (hound)\n\nA dog is an animal that barks.\n\n![A bone](bone.svg)\n"


def written(folder: Path, **changed: str) -> Path:
    """A sound handbook of two pages, with some files changed; an empty text removes a file."""
    files = {"order_toml": ORDERED, "pages_toml": FACTS_OF_TWO, "cat_md": CAT, "dog_md": DOG}
    files["bone_svg"] = "<svg/>"
    for name, text in {**files, **changed}.items():
        if text:
            (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return folder


# -- the shipped pages ---------------------------------------------------------------------------
def test_every_file_is_one_page_of_the_order() -> None:
    slugs = [page.slug for page in BOOK.pages]
    files = (path.stem for path in HANDBOOK.glob("*.md") if not is_sibling(path))
    assert sorted(slugs) == sorted(files)
    assert len(slugs) == len(set(slugs)) > 50


@pytest.mark.parametrize("page", BOOK.pages, ids=lambda page: page.slug)
def test_every_page_is_whole(page: Page) -> None:
    assert 0 < len(page.first) <= FIRST_AT_MOST
    assert page.body
    assert set(page.links) <= BOOK.by_slug.keys() - {page.slug}
    assert page.links, "it leads nowhere"


def test_every_page_was_checked_not_long_ago() -> None:
    """Whoever meets this failing reads the page against its sources, mends it, and says so in
    docs/handbook/pages.toml."""
    today = date.today()
    late = [
        f"{page.slug}: {page.facts.checked:%Y-%m}"
        for page in BOOK.pages
        if months_between(page.facts.checked, today) >= MONTHS
    ]
    assert not late


def months_between(first: date, last: date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_who_said_it_and_where(language: Language) -> None:
    """A year in brackets and a link, for each source."""
    book = Handbook.load(language=language)
    without = [page.slug for page in book.pages if not SOURCED.search(page.body)]
    assert without == [slug for slug in NO_SOURCES if slug in book.by_slug]


def test_no_two_pages_are_called_the_same() -> None:
    for language in LANGUAGES:
        taken: dict[str, str] = {}
        for page in Handbook.load(language=language).pages:
            for name in dict.fromkeys(handbook.names_of(page)):
                assert taken.setdefault(name, page.slug) == page.slug, f"{name!r} in {language}"


def test_the_picture_takes_the_colour_of_the_text() -> None:
    for drawn in BOOK.pictures.values():
        assert ElementTree.fromstring(drawn).get("fill") == "currentColor"
        assert "<script" not in drawn


def test_every_word_that_a_level_teaches_has_a_page() -> None:
    missing = {
        level.id: lost
        for level in Shelf.load().levels
        if (lost := [word for word in level.learned.words if BOOK.term(word) is None])
    }
    assert not missing, "write a page in docs/handbook/, or use the words that are there"


# -- broken ones ---------------------------------------------------------------------------------
def test_a_sound_handbook_is_read(tmp_path: Path) -> None:
    book = Handbook.load(written(tmp_path))
    cat, dog = book.pages
    assert (cat.title, cat.first, cat.links) == (
        "Cat",
        "A cat is a small animal that purrs.",
        ("dog",),
    )
    assert cat.body == "See a [dog](dog.md)."
    assert book.beside(cat) == (None, dog)
    asked = ("Cats", "hound", "HOUNDS", "dog", "Puss in Boots", "cow")
    assert [book.term(word) for word in asked] == [cat, dog, dog, dog, cat, None]
    assert book.search("dog") == [dog, cat]
    assert book.search("PURRS small") == [cat]
    assert book.search("bites") == []
    with pytest.raises(PlayerError, match="page=cow"):
        book.page("cow")


@pytest.mark.parametrize(
    ("changed", "file", "said"),
    [
        ({"cat_md": "Cat\n\nA cat purrs.\n"}, "cat.md", "the title is missing"),
        ({"cat_md": "\n"}, "cat.md", "the title is missing"),
        ({"cat_md": "#\n\nA cat purrs.\n"}, "cat.md", "the title is empty"),
        ({"cat_md": "# Cat\n"}, "cat.md", "the sentence that defines it is missing"),
        ({"cat_md": "# Cat\n\n- purrs\n"}, "cat.md", "the sentence that defines it is missing"),
        ({"cat_md": f"# Cat\n\nA {'very ' * 50}cat.\n"}, "cat.md", "at most 200 characters"),
        ({"cat_md": CAT.replace("dog.md", "dgo.md")}, "cat.md", "'dgo.md' leads nowhere"),
        ({"cat_md": CAT.replace("dog.md", "dog.md#x")}, "cat.md", "'dog.md#x' leads nowhere"),
        ({"dog_md": DOG.replace("bone", "ball")}, "dog.md", "'ball.svg' leads nowhere"),
        ({"dog_md": DOG.replace("# Dog (hound)", "# Cats")}, "dog.md", "is that of cat.md too"),
        ({"dog_md": ""}, ORDER, "there is no dog.md"),
        ({"cow_md": CAT}, "cow.md", f"is in no group of {ORDER}"),
        ({"order_toml": ORDERED.replace('"dog"', '"dog", "cat"')}, ORDER, "lists 'cat' twice"),
        ({"order_toml": ORDERED.replace("title", "name")}, ORDER, "`group.0.title` is missing"),
        ({"order_toml": "group = ["}, ORDER, "is no TOML"),
        ({"pages_toml": '[cat]\nchecked = "2026-11"\n'}, FACTS, "has no [dog]"),
        ({"pages_toml": FACTS_OF_TWO + "[cow]\nchecked = '2026-11'"}, FACTS, "[cow] is no page"),
        ({"pages_toml": FACTS_OF_TWO.replace("-11", "-13")}, FACTS, "`cat.checked`: found"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_file(
    tmp_path: Path, changed: dict[str, str], file: str, said: str
) -> None:
    with pytest.raises(AuthorError) as caught:
        Handbook.load(written(tmp_path, **changed))
    line = str(caught.value)
    assert line.startswith(f"{tmp_path / file}: ")
    assert said in line
    assert "\n" not in line


# -- on the screen -------------------------------------------------------------------------------
POCKET = Atlas.open(ASSETS / "pocket" / "atlas")
SHELF = Shelf.load()


def stage(atlas: Atlas | None = POCKET) -> Stage:
    """Of a game with this atlas and no engine, or of one whose model has no features."""
    bench: Any = SimpleNamespace(
        atlas=atlas, has_features=atlas is not None, engine=None, model="pocket"
    )
    none: Any = None
    shelf = SHELF if atlas else SHELF.closed()
    game = Game(House(bench, none, shelf, none, none, none, date.today), shelf)
    model: Any = SimpleNamespace(title="Pocket")
    offer = Offer(game, model)
    return Stage(game, WORDS, none, offer, (offer,))


def asked(**query: str) -> tuple[str, str, str]:
    request: Any = SimpleNamespace(query_params=query)
    return screen.opened(stage(), request)


@pytest.mark.parametrize("page", BOOK.pages, ids=lambda page: page.slug)
def test_every_link_of_a_drawn_page_leads_somewhere(page: Page) -> None:
    drawn = screen.draw(stage(), BOOK, page)
    for attributes in re.findall(r"<a ([^>]*)>", drawn):
        target = unescape(re.findall(r'href="([^"]*)"', attributes)[0])
        if target.startswith("https://"):
            assert 'target="_blank" rel="noreferrer"' in attributes
        elif target.startswith("sandbox?"):
            assert share.unpacked(target.partition("=")[2]).p
        elif target.startswith("feature?"):
            site, number = re.findall(r"site=(\w+)&feature=(\d+)", target)[0]
            assert POCKET.card(site, int(number)).label
        elif found := re.fullmatch(r"(\w+)\?level=([\w-]+)", target):
            assert SHELF.level(found[2]).screen == found[1]
        else:
            assert target.removeprefix("handbook?page=") in BOOK.by_slug
    assert drawn.count("<h1>") == 1
    assert "Checked against its sources in November 2026" in drawn
    assert f"docs/handbook/{page.slug}.md" in drawn


def test_every_page_that_names_a_try_can_fill_it_in() -> None:
    game = stage().game
    wanted = [page for page in BOOK.pages if page.facts.try_it]
    assert len(wanted) >= 25
    assert [page.slug for page in wanted if not screen.try_link(game, page)] == []


def test_many_pages_draw_numbers_of_the_model() -> None:
    shown = stage().game.illustrating
    drawn = {
        page.slug: figure
        for page in BOOK.pages
        if page.facts.figure and (figure := shown.figure(page.facts.figure))
    }
    assert len(drawn) >= 30
    assert {page.facts.figure for page in BOOK.pages} - {""} == FIGURES.keys()
    assert [page.slug for page in BOOK.pages if page.facts.figure and page.slug not in drawn] == []


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_has_a_text_twin(name: str, language: Language) -> None:
    figure = stage().game.illustrating.figure(name)
    assert figure is not None
    drawn = figures.draw(Words.of(language), figure, "Pocket")
    assert "Pocket" in drawn
    if isinstance(figure, Fires):
        assert drawn.count("<blockquote>") == len(figure.examples)
    else:
        assert drawn.count("<table>") == 1
        picture = re.findall(r"<svg.*?</svg>", drawn, re.S)[0]
        ElementTree.fromstring(picture)
        assert 'role="img"' in picture
    if isinstance(figure, BarChart):
        said = [value for value, _ in figures.told(figure)]
        assert (
            re.findall(r'<td class="num">([^<]*)</td>', drawn)[
                :: 1 + drawn.count('scope="col"') - 2
            ]
            == said
        )
        assert all(0 <= each <= 1 for row in figures.wide(figure) for each in row)


def test_a_model_without_features_shows_the_numbers_of_one_that_has_them() -> None:
    bare, full = stage(None), stage()
    alone = screen.draw(bare, BOOK, BOOK.page("steering"))
    assert "<figure" not in alone and "level=" not in alone and "sandbox?" not in alone
    other = replace(full.offer, place="pocket")
    beside = screen.draw(replace(bare, offers=(bare.offer, other)), BOOK, BOOK.page("steering"))
    assert "Measured on Pocket" in beside
    assert 'href="pocket/steer?level=' in beside
    assert 'href="pocket/sandbox?s=' in beside


def test_the_drawing_stands_in_the_page() -> None:
    drawn = screen.draw(stage(), BOOK, BOOK.page("chapter-transformer"))
    assert '<span class="drawing"><svg' in drawn
    assert "<img" not in drawn
    assert '<div class="wide-table" tabindex="0"><table>' in drawn


def test_html_in_a_page_stays_text() -> None:
    assert "<b>" not in screen.body("A <b>bold</b> <script>move</script>.")
    assert "<a" not in screen.body("[x](javascript:alert)")


def test_the_address_chooses_the_page() -> None:
    slug, listed, drawn = asked(page="sae")
    assert slug == "sae"
    assert listed.count('aria-current="page"') == 1
    assert listed.count("<details open>") == 1  # the group of the page
    assert listed.count("<li>") == len(BOOK.pages)
    assert "<h1>SAE (sparse autoencoder)</h1>" in drawn
    assert asked()[0] == BOOK.pages[0].slug
    _, listed, drawn = asked(page=screen.ALPHABET)
    assert all(f'<a href="handbook?page={page.slug}">' in drawn for page in BOOK.pages)
    assert '<a href="handbook?page=sae">sparse autoencoder</a>' in drawn
    _, listed, drawn = asked(page="<b>")
    assert "&lt;b&gt;" in drawn
    assert "aria-current" not in listed


def test_the_search_narrows_the_list() -> None:
    assert screen.narrowed(stage(), " ", "sae") == screen.contents(WORDS, BOOK, "sae")
    hits = screen.narrowed(stage(), "jumprelu", "sae")
    assert hits.index("page=jumprelu") < len(hits) // 2
    assert 'class="empty"' in screen.narrowed(stage(), "<zebra>", "sae")
    assert "<zebra>" not in screen.narrowed(stage(), "<zebra>", "sae")


def test_a_word_that_was_learned_explains_itself() -> None:
    learned = Learned(text="x", words=("features", "a < b"), source="Someone 2025")
    level = SimpleNamespace(id="hunt-y", learned=learned)
    start: Any = SimpleNamespace(level=level, series="course", best=None)
    html = brief.learned(WORDS, start, None, "hunt?level=y")
    assert 'href="handbook?page=feature" target="_blank" aria-describedby="tip-feature"' in html
    assert f'role="tooltip" id="tip-feature">{BOOK.page("feature").first}' in html
    assert "a &lt; b" in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("used", [ask.WORDS, card.WORDS, chat.WORDS, dials.WORDS, hunt.WORDS])
def test_the_words_of_a_screen_explain_themselves(
    used: tuple[str, ...], language: Language
) -> None:
    html = terms.glossary(Words.of(language), *used)
    book = Handbook.load(language=language)
    for slug in used:
        assert f'id="tip-here-{slug}">{escape(book.page(slug).first)}' in html


def test_the_explaining_is_part_of_every_page() -> None:
    assert ".term.told" in theme.HEAD
    assert ".term.told" in theme.STYLE.read_text(encoding="utf-8")


def test_the_records_know_no_screen() -> None:
    tree = ast.parse(Path(handbook.__file__).read_text(encoding="utf-8"))
    froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in froms if name and ("gradio" in name or "screens" in name)}
