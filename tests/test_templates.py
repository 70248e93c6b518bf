"""HTML is made by templates alone: no string that code puts together holds a tag, no string of a
screen does at all, nothing is escaped by hand, and what a template is given is escaped."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup, escape

from playground.messages import Message
from playground.screens.parts import frame, streams
from playground.screens.render import TEMPLATES, environment, macro, render
from playground.text.language import LANGUAGES
from playground.text.words import Words

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "playground"
WORDS = Words.load()
TAG = re.compile(r"</?\s*[a-zA-Z][\w-]*(?:\s|/?>|$)|<!--")
# Marks of chat templates and of tokenizers, which look like tags and are none.
TOKENS = re.compile(r"<(?:s|/s|pad|unk|bos|eos|mask)>")
EVIL = '<b onclick="x">&\'</b>'


# -- the code --------------------------------------------------------------------------------------
def has_tag(text: str) -> bool:
    return TAG.search(TOKENS.sub("", text)) is not None


def texts(node: ast.AST) -> Iterator[str]:
    """The constant parts of what is put together."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def put_together(node: ast.AST) -> bool:
    """An f-string, a sum or `%` of strings, and .format, .join or .replace of one."""
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod)
    methods = ("format", "join", "replace")
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in methods
    )


def made_by_hand(source: str) -> list[str]:
    """Where a source makes HTML: tags in what it puts together, and html.escape."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if put_together(node) and any(map(has_tag, texts(node))):
            found.append(f"line {node.lineno}: a tag in {ast.unparse(node)[:60]}")  # type: ignore[attr-defined]
        if isinstance(node, ast.ImportFrom) and node.module == "html":
            found.append(f"line {node.lineno}: html.escape")
        if isinstance(node, ast.Import) and any(each.name == "html" for each in node.names):
            found.append(f"line {node.lineno}: html")
    return found


def documentation(tree: ast.AST) -> set[int]:
    """The constants that say what a module, class or function is."""
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def test_no_string_of_a_screen_holds_a_tag() -> None:
    found = []
    for path in sorted((PACKAGE / "screens").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = documentation(tree)
        found += [
            f"{path.name}, line {node.lineno}: {node.value[:60]}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in said
            and has_tag(node.value)
        ]
    assert not found, "\n".join(found)


def test_no_code_makes_html() -> None:
    found = {
        str(path.relative_to(ROOT)): made
        for path in sorted(PACKAGE.rglob("*.py"))
        if (made := made_by_hand(path.read_text(encoding="utf-8")))
    }
    assert not found, "write a template in playground/screens/templates/ instead"


@pytest.mark.parametrize(
    "source",
    [
        'f"<p>{text}</p>"',
        "f'{text}</b>'",
        '"<a href=" + link + ">"',
        '"<p>%s</p>" % text',
        '"<p>{}</p>".format(text)',
        '"".join(f"<li>{x}</li>" for x in y)',
        'row.replace("</li>", more)',
        "from html import escape",
        "import html",
    ],
)
def test_the_check_itself(source: str) -> None:
    assert made_by_hand(source)


@pytest.mark.parametrize(
    "source",
    ['f"{a} < {b}"', 'f"{low} <{high}"', '"a" + "b"', 'f"<s>{text}</s>"', 'f"{a}<|end|>"', '"<p>"'],
)
def test_what_is_no_html_is_allowed(source: str) -> None:
    assert made_by_hand(source) == []


# -- the templates ---------------------------------------------------------------------------------
@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_a_template_compiles_and_trusts_nothing(path: Path) -> None:
    """`safe`, and blocks without escaping, would let a text in as HTML."""
    environment(Words.load()).get_template(path.relative_to(TEMPLATES).as_posix())
    assert not re.search(r"\|\s*safe\b|autoescape", path.read_text(encoding="utf-8"))


def test_texts_are_escaped_and_what_a_template_made_is_not_escaped_again() -> None:
    drawn = frame.waiting(EVIL)
    assert isinstance(drawn, Markup)
    assert "&lt;b onclick=&#34;x&#34;&gt;&amp;&#39;&lt;/b&gt;" in drawn and "<b" not in drawn
    assert drawn in macro(WORDS, "ask_verdict:whole", drawn, (), "", [], "?level=x")
    assert escape(EVIL) in frame.step(1, EVIL, "")


def test_messages_are_said_in_the_words_of_the_template() -> None:
    said = Message("site.stars", count=1, total=3)
    for language in LANGUAGES:
        words = Words.of(language)
        assert escape(words(said)) in macro(words, "frame:apology", said)
    with pytest.raises(TypeError, match="a template without words was to say it"):
        frame.waiting(said)  # type: ignore[arg-type]


def test_a_value_that_is_missing_or_too_much_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'fields' is undefined"):
        render(WORDS, "pages/ask/answer")
    with pytest.raises(UndefinedError, match="'more' was not provided"):
        macro(None, "frame:step", 1, "title")
    with pytest.raises(TypeError):
        macro(None, "frame:step", 1, "title", "more", "still more")


def test_no_space_is_added_where_every_one_counts() -> None:
    """.strip and .said are shown with the spaces that stand in them."""
    tokens = ("The", " cat", "  sat", "\n", " ")
    strip = str(frame.strip(tokens, (0.0, 2.0, 0.0, 1.0, 0.0), 2.0))
    assert re.sub(r"<[^>]*>", "", strip) == "The cat  sat↵\n "
    keys = str(frame.key_strip(tokens, (0.0, 2.0, 0.0, 1.0, 0.0), 2.0, 1, "a label"))
    assert re.sub(r"<[^>]*>", "", keys) == "The cat  sat↵\n "
    run = streams.Run(prompt="Once ", said={"baseline": " upon\n"}, running=False)
    assert '<div class="said"><span class="prompt">Once </span> upon\n</div>' in run.columns(WORDS)
