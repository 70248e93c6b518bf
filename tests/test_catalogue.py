"""The catalogue: every message that code asks for is there in every language, with the parameters
that it is given, and nothing else; and how messages become words."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import jinja2
import pytest
from jinja2 import nodes

from playground.atlas.naming import SHORTEST
from playground.circuits.records import Kind as NodeKind
from playground.concepts.concepts import KINDS as CONCEPT_KINDS
from playground.concepts.concepts import load_concepts
from playground.engine.directions import WAYS
from playground.engine.records import DEVICES, METHODS, SCOPES
from playground.errors import AuthorError
from playground.game.charts import Unit
from playground.levels import fields
from playground.levels.dealing.rivalry import KEEPERS, PUSHERS
from playground.levels.kinds import KINDS
from playground.levels.playable import REASONS
from playground.levels.schema import HINT_STEPS
from playground.messages import Filled, Message
from playground.screens.pages.chat import SUGGESTIONS
from playground.screens.pages.me import TABLES
from playground.screens.pages.measure import UNMEASURED
from playground.screens.parts.brief import OUTCOMES
from playground.screens.parts.class_views import VIEWS
from playground.screens.parts.frame import PAGES
from playground.screens.parts.level_acts import PLAYERS
from playground.screens.render import TEMPLATES
from playground.text import catalogue
from playground.text.catalogue import FOLDER, MessageGroup
from playground.text.language import LANGUAGES, SOURCE, Language
from playground.text.titles import titles
from playground.text.words import Words

PACKAGE = Path(__file__).parents[1] / "playground"
ENGLISH, RUSSIAN = Words("en"), Words("ru")
VARIABLES = {
    f"{name}.{entry}": found
    for name, group in catalogue.groups(SOURCE)
    for entry, found in group.variables.items()
}
GROUPS = {key.partition(".")[0] for key in VARIABLES}
KEY = re.compile(rf"(?:{'|'.join(sorted(GROUPS))})\.[a-z](?:[a-z0-9_]*[a-z0-9])?")
OTHER_GROUPS = ("concepts.",)  # made from the concepts' own files
# Keys that code puts together.
MADE = {
    *(f"home.kind_{kind}" for kind in KINDS),
    *(f"wander.kind_{kind}" for kind in CONCEPT_KINDS),
    *(f"level.hint_{step}" for step in HINT_STEPS),
    *(f"level.{outcome}" for outcome in OUTCOMES),
    *(f"measure.not_{each}" for each in UNMEASURED),
    *(f"measures.{measure}" for kind in KINDS.values() for measure in kind.measures),
    *(f"sandbox.method_{method}" for method in METHODS),
    *(f"method.{method}" for method in METHODS),
    *(f"sandbox.scope_{scope}" for scope in SCOPES),
    *(f"steer.{row}{end}" for row in ("baseline", "steered", "control") for end in ("", "_more")),
    *(f"atlas.{end}" for end in SHORTEST),
    *(f"about.device_{device}" for device in DEVICES),
    *(f"home.missing_{reason}" for reason in REASONS),
    *(f"home.step{i}{end}" for i in (1, 2, 3) for end in ("", "_more")),
    *(f"home.bare_step{i}{end}" for i in (1, 2, 3) for end in ("", "_more")),
    *(f"circuits.step{i}" for i in (1, 2, 3)),
    *(f"circuits.kind_{kind}" for kind in get_args(NodeKind)),
    *(f"circuits.about_{kind}" for kind in ("error", "token", "first", "bias")),
    *(f"chat.suggest_{each}" for each in SUGGESTIONS),
    *(f"chat.{each}" for each in ("again", "edit", "anew")),
    *(f"heard.title_{row}" for row in ("baseline", "steered", "control")),
    *(f"heard.read_{row}" for row in ("steered", "control")),
    *(f"site.{page}" for page, _ in PAGES),
    *(f"steer.{other}" for other in ("beside", "untouched", "others_control", "others_baseline")),
    *(f"directions.{way}" for way in WAYS),
    *(f"builder.{side}{end}" for side in ("about", "others") for end in ("", "_example")),
    *(f"beat.{keeper}" for keeper in KEEPERS),
    *(f"beat.why_{keeper}" for keeper in ("one", "either", "both", "probe")),
    *(f"beat.push_{pusher}" for pusher in (*PUSHERS, "control")),
    *(f"beat.replies_{pusher}" for pusher in PUSHERS[:-1]),
    *(f"figures.unit_{unit}" for unit in get_args(Unit)),
    *(f"figures.way_{way}" for way in ("feature", "means", "probe", "neuron", "control")),
    *(f"handbook.try_{screen}" for screen in ("sandbox", "feature")),
    *(f"home.door_{page}" for page in ("join", "me", "teach")),
    *(f"join.{each}" for each in ("first", "second")),
    *(f"me.kept_{table}" for table in (*TABLES, "rest")),
    *(f"class.view_{view}" for view in VIEWS),
    *(f"written.field_{label}" for label in fields.labels()),
    *(f"written.player_{each.replace(' ', '_')}" for each in PLAYERS),
    *(f"written.is_{each}" for each in ("no", "older", "same")),
    *(f"written.ended_{each}" for each in ("holds", "done", "stopped", "failed")),
    *(f"class.export_{sort}" for sort in ("results", "attempts", "json")),
    *(f"neuron.{end}{sort}" for sort in ("feature", "neuron") for end in ("", "bar_")),
}
# Kept in databases by their keys, though nothing says them any more.
KEPT: frozenset[str] = frozenset(
    {
        *(f"control.{each}" for each in ("ask", "why", "shown", "not_shown", "untouched")),
        *(f"control.{each}" for each in ("effect", "random_effect", "damage", "random_damage")),
        "control.bars",
        *(f"breaking.{each}" for each in ("ask", "broke", "before", "held", "damage", "curve")),
        *(f"place.{each}" for each in ("ask", "why")),
        *(f"method.{each}" for each in ("why_ablate", "why_project", "means")),
        "mystery.why",
        "name.why",
        *(f"prompt.{each}" for each in ("dial_reply", "own_reply")),
    }
)
SPEAKERS = ("Message", "PlayerError", "words", "t", "told")


# -- the files -------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_messages_with_the_same_gaps(language: Language) -> None:
    own = {
        f"{name}.{entry}": found
        for name, group in catalogue.groups(language)
        for entry, found in group.variables.items()
    }
    assert own == VARIABLES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_concept_has_a_title_and_every_title_a_concept(language: Language) -> None:
    assert titles(language).keys() == load_concepts().keys()
    assert len({title.alone for title in titles(language).values()}) == len(load_concepts())


def test_a_damaged_file_is_named_with_its_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.ftl"
    for text, fault in {
        "one = { $n ->\n    [one] cat\n}\n": "no Fluent: Expected one of the variants",
        "one = a\ntwo = { \n": "no Fluent",
        "one = a\none = b\n": "has 'one' twice",
        "one = a\n    .more = b\n": "'one' has to be one text, without attributes",
    }.items():
        path.write_text(text, encoding="utf-8")
        with pytest.raises(AuthorError, match=re.escape(f"{path}: {fault}")):
            MessageGroup(path)


# -- who says what ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Said:
    """A call that names a message. pattern: of its key; given: names of what fills its gaps, None
    where the call does not show them."""

    where: str
    pattern: str
    given: frozenset[str] | None

    @property
    def exact(self) -> bool:
        return re.escape(re.sub(r"\\(.)", r"\1", self.pattern)) == self.pattern

    def matches(self) -> list[str]:
        known = VARIABLES.keys() if self.exact else MADE
        return sorted(key for key in known if re.fullmatch(self.pattern, key))


def in_python() -> Iterator[Said]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            if ast.unparse(node.func).rpartition(".")[2] not in SPEAKERS:
                continue
            names = [keyword.arg for keyword in node.keywords]
            given = None if None in names else frozenset(each for each in names if each)
            for pattern in keys_of(node.args[0]):
                yield Said(f"{name}:{node.lineno}", pattern, given)


def keys_of(node: ast.expr) -> Iterator[str]:
    """Patterns of the keys that an argument may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.escape(node.value)
    elif isinstance(node, ast.IfExp):
        yield from keys_of(node.body)
        yield from keys_of(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        values = [e.value if isinstance(e, ast.Constant) else None for e in node.values]
        yield "".join(".+" if each is None else re.escape(str(each)) for each in values)


def in_templates() -> Iterator[Said]:
    environment = jinja2.Environment()
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = path.relative_to(PACKAGE).as_posix()
        for call in environment.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in SPEAKERS and call.args:
                given = frozenset(keyword.key for keyword in call.kwargs)
                for pattern in template_keys(call.args[0]):
                    yield Said(f"{name}:{call.lineno}", pattern, given)


def template_keys(node: nodes.Expr) -> Iterator[str]:
    if isinstance(node, nodes.Const):
        yield re.escape(node.value)
    elif isinstance(node, nodes.CondExpr):
        yield from template_keys(node.expr1)
        if node.expr2 is not None:
            yield from template_keys(node.expr2)
    elif isinstance(node, nodes.Mod) and isinstance(node.left, nodes.Const):
        yield re.sub(r"%\w", ".+", re.escape(node.left.value))
    elif isinstance(node, nodes.Concat | nodes.Add):
        pieces = node.nodes if isinstance(node, nodes.Concat) else [node.left, node.right]
        parts = [e.value if isinstance(e, nodes.Const) else None for e in pieces]
        yield "".join(".+" if each is None else re.escape(str(each)) for each in parts)


SAID = [*in_python(), *in_templates()]


def test_every_call_names_a_message_and_fills_its_gaps() -> None:
    wrong = list[str]()
    for said in SAID:
        if said.pattern.replace("\\", "").startswith(OTHER_GROUPS):
            continue
        gaps = [VARIABLES[key] for key in said.matches()]
        if not gaps:
            wrong.append(f"{said.where}: no message {said.pattern}, or MADE lacks it")
        # A key that is put together may be of several messages; not each uses all that is given.
        elif said.given is not None and not any(
            said.given == each or (said.given > each and not said.exact) for each in gaps
        ):
            wrong.append(f"{said.where}: {said.pattern}: {sorted(said.given)}, not {gaps}")
    assert not wrong, "\n".join(wrong)


def test_every_message_is_said_by_somebody() -> None:
    used = {key for said in SAID for key in said.matches()} | KEPT
    named = set[str]()
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        made = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        parts = {id(part) for node in made for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in parts:
                named |= {node.value} if KEY.fullmatch(str(node.value)) else set()
    for path in TEMPLATES.rglob("*.html"):
        tree = jinja2.Environment().parse(path.read_text(encoding="utf-8"))
        made = tree.find_all((nodes.Concat, nodes.Import, nodes.FromImport))
        parts = {id(part) for each in made for part in each.find_all(nodes.Const)}
        whole = (str(each.value) for each in tree.find_all(nodes.Const) if id(each) not in parts)
        named |= {text for text in whole if KEY.fullmatch(text)}
    assert named - VARIABLES.keys() == set()
    sites = {key for key in VARIABLES if key.startswith("sites.")}  # by SITE() in other messages
    assert VARIABLES.keys() - used - named - sites == set()


# -- words -----------------------------------------------------------------------------------------
def test_a_missing_message_or_parameter_raises() -> None:
    with pytest.raises(AuthorError, match=r"text/ru/home.ftl: has no 'nowhere'"):
        RUSSIAN("home.nowhere")
    with pytest.raises(AuthorError, match=r"text/en/site.ftl: stars: Unknown external: total"):
        ENGLISH("site.stars", count=2)
    with pytest.raises(AuthorError, match="has no 'unicorns'"):
        ENGLISH(Message("concepts.unicorns"))
    with pytest.raises(AuthorError, match=r"nothing.ftl: cannot be read"):
        ENGLISH("nothing.here")


@pytest.mark.parametrize(
    ("count", "english", "russian"),
    [
        (1, "One page says it", "Нашлась 1 страница"),
        (3, "3 pages say it", "Нашлись 3 страницы"),
        (11, "11 pages say it", "Нашлось 11 страниц"),
        (21, "21 pages say it", "Нашлась 21 страница"),
        (1234, "1,234 pages say it", "Нашлись 1\N{NO-BREAK SPACE}234 страницы"),
    ],
)
def test_words_agree_with_their_number(count: int, english: str, russian: str) -> None:
    assert ENGLISH("handbook.found", count=count) == english
    assert RUSSIAN("handbook.found", count=count) == russian


def test_a_number_is_written_as_the_language_does() -> None:
    assert (ENGLISH.number(1234), ENGLISH.number(0.5)) == ("1,234", "0.5")
    assert (RUSSIAN.number(1234), RUSSIAN.number(0.5)) == ("1\N{NO-BREAK SPACE}234", "0,5")
    assert ENGLISH.number(float("nan")) == "nan"
    assert ENGLISH("card.id", site="early", index=1234) == "early · no. 1234"


def test_a_concept_is_called_by_its_name_in_the_language() -> None:
    cats, french = Message("concepts.cats"), Message("concepts.french")
    assert (ENGLISH(cats), RUSSIAN(cats)) == ("Cats", "Кошки")
    said = [
        w("steer.placeholder", concept=each) for w in (ENGLISH, RUSSIAN) for each in (cats, french)
    ]
    assert said == [
        "For example: cats",
        "For example: French",
        "Например: кошки",
        "Например: французский язык",
    ]


def test_several_become_a_list() -> None:
    three = ("x", Message("concepts.cats"), 2)
    assert ENGLISH.plain(three) == "x, Cats and 2"
    assert RUSSIAN.plain(three) == "x, Кошки и 2"
    assert ENGLISH.plain(()) == ""


def test_lines_are_put_into_words_and_texts_stay() -> None:
    assert ENGLISH.said(Message("home.open")) == "open"
    assert ENGLISH.said("{ $raw } {site}") == "{ $raw } {site}"
    hint = Filled(
        "Feature {feature}, {topic}.", {"feature": "1234", "topic": Message("concepts.cats")}
    )
    assert RUSSIAN.said(hint) == "Feature 1234, Кошки."
    long = "a" * 5000  # what a player writes may be longer than Fluent lets a part be
    assert ENGLISH("ask.tried", text=long) == f"You tried: “{long}”"
    assert ENGLISH("ask.tried", text="{ $text }\n<b>") == "You tried: “{ $text }\n<b>”"


def test_a_place_is_called_by_its_name_or_as_it_is() -> None:
    assert [RUSSIAN.site(name) for name in ("early", "blocks.3")] == ["ранний слой", "blocks.3"]


@pytest.mark.parametrize(
    ("query", "english"),
    [("кошки", "Cats"), ("Кошка", "Cats"), ("рыцар", "Knights and castles"), ("ко", "ко"),
     ("кошмар", "кошмар"), ("kitten", "kitten"), ("", "")],
)  # fmt: skip
def test_a_search_finds_concepts_by_their_translated_names(query: str, english: str) -> None:
    assert RUSSIAN.english(query) == english
    assert ENGLISH.english(query) == query


def test_a_line_break_in_a_file_is_a_space() -> None:
    for name, group in catalogue.groups(SOURCE, FOLDER):
        assert "\n" not in "".join(
            element.value
            for entry in group.entries.values()
            if entry.value
            for element in entry.value.elements
            if isinstance(element, catalogue.ast.TextElement)
        ), name
