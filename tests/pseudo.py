"""A language that nobody speaks: the English messages with every letter changed, more than 40 %
longer. What a screen shows without a changed letter did not come from the catalogue, and
what fits in it fits in languages with long words. It is added to a copy of the game as any language
is, by files alone.
"""

import shutil
from pathlib import Path

from fluent.syntax import FluentParser, FluentSerializer, ast
from fluent.syntax.visitor import Transformer

from tests.served import ROOT

CODE = "xx"
FACTS = 'own_name = "Þšéûđó"\nlocale = "en-GB"\n'
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "àƀçđéƒğĥîĵķľɱñöþǫŕšţûṽŵẋýžÀƁÇĐÉƑĞĤÎĴĶĽṀÑÖÞǪŔŠŢÛṼŴẊÝŽ",
)
TWICE = set("àéîöûýñţÀÉÎÖÛÝÑŢ")


def pseudo(text: str) -> str:
    """Every letter changed, vowels, n and t twice: all messages together grow by 44 %."""
    changed = text.translate(LETTERS)
    return "".join(each * 2 if each in TWICE else each for each in changed)


class Pseudo(Transformer):
    """Of Fluent messages: their texts, not what they are filled in with."""

    def visit_TextElement(self, node: ast.TextElement) -> ast.TextElement:
        node.value = pseudo(node.value)
        return node


def spoken(path: Path) -> str:
    """A file of English messages in it."""
    resource = FluentParser().parse(path.read_text(encoding="utf-8"))
    return FluentSerializer().serialize(Pseudo().visit(resource))


def added(to: Path) -> Path:
    """A copy of the game in a folder, with it among its languages. Levels and handbook are what
    they are in Russian, where no Latin letter hides either; the rest is the game's own."""
    game = to / "game"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("playground", "levels", "docs"):
        shutil.copytree(ROOT / name, game / name, ignore=ignored)
    shutil.copy(ROOT / "app.py", game)
    (game / "assets").symlink_to(ROOT / "assets")
    for name in ("levels", "docs"):
        for path in (game / name).rglob("*.ru.*"):
            shutil.copy(path, path.with_name(path.name.replace(".ru.", f".{CODE}.")))
    texts = game / "playground" / "text"
    (texts / CODE).mkdir()
    (texts / CODE / "language.toml").write_text(FACTS, encoding="utf-8")
    for path in (texts / "en").glob("*.ftl"):
        (texts / CODE / path.name).write_text(spoken(path), encoding="utf-8")
    return game
