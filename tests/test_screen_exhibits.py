"""What the screen of levels that ask draws: evidence, fields, marks."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from markupsafe import escape

from playground.atlas.atlas import Atlas
from playground.game.game import Game
from playground.levels.dealing.questions import (
    Bars,
    Cell,
    Doses,
    Exhibit,
    Grid,
    Marked,
    Pillars,
    Portrait,
    Question,
    Reply,
    Strip,
)
from playground.levels.judging import Bench
from playground.screens.pages import ask
from playground.screens.parts import ask_verdict, asking, exhibits
from playground.screens.stage import Stage
from playground.store.store import Store
from tests.ask_parts import CARD, CURVE, EVERY, EVIL, WORDS, level, shelf
from tests.fake_model import FakeAtlas, FakeEngine
from tests.stages import stage_of


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), shelf(level()))
    yield stage_of(game)
    game.close()


# -- exhibits ------------------------------------------------------------------------------------
def test_every_exhibit_is_drawn_with_its_caption_and_its_numbers(stage: Stage) -> None:
    html = exhibits.draw(stage, EVERY)
    for exhibit in EVERY:
        assert str(exhibit.caption) in html
    assert 'data-v="6.1"' in html
    assert "there was a train" in html
    assert "here: 0.75" in html
    assert "-1.05" in html and "activation units" in html
    assert WORDS("card.pos") in html


def test_a_card_that_was_seen_just_before_stands_closed(stage: Stage) -> None:
    card = next(each for each in EVERY if isinstance(each, Portrait))
    assert '<details class="exhibit wide" open' in exhibits.draw(stage, [card])
    again = exhibits.draw(stage, [card], [card])
    assert '<details class="exhibit wide"><summary>' in again and "blockquote" in again


def test_a_map_is_a_table_that_says_in_words_and_numbers_what_it_shades(stage: Stage) -> None:
    grid = next(each for each in EVERY if isinstance(each, Grid))
    html = exhibits.draw(stage, [grid])
    assert '<th scope="col">after “to”</th>' in html
    assert '<th scope="row">block 2</th>' in html
    assert (
        '<td class="marked" style="--w:0.97"><b>purr</b> <span class="num">97%</span></td>' in html
    )
    assert html.count('class="marked"') == 1
    assert 'tabindex="0" role="group" aria-label="What it would say"' in html


def test_a_bar_stands_over_each_token_with_its_number(stage: Stage) -> None:
    pillars = next(each for each in EVERY if isinstance(each, Pillars))
    html = exhibits.draw(stage, [pillars])
    assert html.count('class="pillar" style="--w:0.58"') == 1
    assert html.count('class="pillar below" style="--w:0.10"') == 1
    assert "<b>kitten</b>" in html and ">2.3<" in html and ">-0.4<" in html
    assert html.count('class="marked"') == 1


@pytest.mark.parametrize(
    "exhibit",
    [
        Strip((EVIL, EVIL), (1.0, 0.0), caption=EVIL),
        Reply(EVIL, EVIL, EVIL),
        Portrait(CARD, caption=EVIL),
        Doses(CURVE, None, EVIL),
        Bars(((EVIL, 1.0),), EVIL, 2.0, EVIL),
        Grid((EVIL,), ((EVIL, (Cell(EVIL, 0.5),)),), EVIL, EVIL),
        Pillars((EVIL,), (1.0,), 2.0, EVIL, (), EVIL),
    ],
)
def test_exhibits_are_escaped(stage: Stage, exhibit: Exhibit) -> None:
    html = exhibits.draw(stage, [exhibit])
    assert "<b onclick" not in html
    assert str(escape(EVIL)) in html


def test_a_hidden_name_is_nowhere_on_the_card(stage: Stage) -> None:
    hidden = exhibits.draw(stage, [Portrait(CARD)])
    for telling in ("label of late", "cats", "no. 8", "feature=8"):
        assert telling not in hidden
    named = exhibits.draw(stage, [Portrait(CARD, named=True)])
    assert "label of late 8" in named
    assert "feature?site=late&amp;feature=8" in named


def test_a_curve_has_a_ring_only_where_a_strength_is_marked(stage: Stage) -> None:
    marked, bare = (exhibits.draw(stage, [Doses(CURVE, own)]) for own in (0.75, None))
    assert marked.count("<circle") == 2
    assert "<circle" not in bare and "here:" not in bare
    assert bare.count("<polyline") == 3
    assert exhibits.doses(WORDS, Doses(())) == ""


@pytest.mark.parametrize(
    ("strength", "effect"), [(0.5, 0.6), (0.75, 0.7), (1.25, 0.55), (-1.0, 0.0), (9.0, 0.3)]
)
def test_a_marked_strength_lies_on_the_curve(strength: float, effect: float) -> None:
    point = exhibits.on_curve(CURVE, strength)
    assert (point.strength, round(point.effect, 6)) == (strength, effect)


def test_long_evidence_folds(stage: Stage) -> None:
    short, long = Reply("a", "b", "short"), Reply("a", "b" * 900, "long")
    assert "<details" not in exhibits.draw(stage, [short])
    assert "open data-fold" in exhibits.draw(stage, [long])


# -- fields --------------------------------------------------------------------------------------
def test_a_token_question_is_one_group_of_radio_buttons() -> None:
    question = Question("Where?", "token", (Strip((" <i>", "\n", " a"), caption="Click."),))
    html = exhibits.pickable(WORDS, question, 4)
    assert html.count('type="radio" name="q4"') == 3
    assert 'role="radiogroup" aria-labelledby="ask-4"' in html
    assert "<i>" not in html.replace("<i></i>", "")
    assert html.count('aria-label="space or line break"') == 1


def test_fields_belong_to_the_round_and_report_their_change(stage: Stage) -> None:
    player = stage.game.players.enter(None).id
    asked = [stage.game.attempts.question(player, "quiz", 0, number) for number in range(3)]
    drawn = [asking.draw_answer(WORDS, each, n) for n, each in enumerate(asked)]
    for name, html in zip(("q0", "q1", "w2"), drawn, strict=True):
        assert f'name="{name}"' in html
        assert 'form="round" ' in html and 'data-change="answer"' in html
    assert '<b data-count="w2">0</b> of at most 8 words' in drawn[2]
    assert 'data-words="8"' in drawn[2] and 'data-act="try"' in drawn[2]


def test_options_and_questions_are_escaped(stage: Stage) -> None:
    question = Question(EVIL, "choose", (), (EVIL, "b"))
    desk = asking.AskDesk("quiz", 0, 1, 0, 0, (question,))
    drawn = asking.lay(stage, desk, (0,), (), came=True)
    html = f"{drawn.question}{drawn.answer}{drawn.steps}"
    assert "<b onclick" not in html and "&lt;b onclick" in html
    assert 'data-act="probe"' not in html


def test_a_set_is_ticked_and_closed_when_it_is_full() -> None:
    question = Question("Which?", "set", (), ("A", "B", "C"), most=2)
    html = exhibits.together(WORDS, question, 4, 0b101)
    ticked = re.findall(r'value="(\d)" form="round" data-change="answer"([^>]*)>', html)
    assert ticked == [("1", " checked"), ("2", " disabled"), ("4", " checked")]
    assert '<input type="hidden" name="q4" value="5" form="round">' in html
    assert 'role="group"' in html and 'data-most="2"' in html and "Tick one to 2." in html
    empty = exhibits.together(WORDS, question, 4)
    assert "disabled" not in empty and 'name="q4" value=""' in empty


def test_what_the_browser_reports_becomes_answers() -> None:
    desk = ask.AskDesk("quiz", 0, 6)
    form = {"q0": "1", "q1": "-2", "w2": " a cat ", "w3": "  ", "p0": "3"}
    # What is not spoken of stays as it was answered before.
    assert ask.given(desk, form) == {0: 1, 2: "a cat", 3: None}


def test_the_bar_counts_and_names_what_is_open() -> None:
    desk, answers = asking.AskDesk("quiz", 0, 4), (0, None, "x", None)
    bar = asking.draw_bar(WORDS, desk, answers)
    assert "2 of 4 answered" in bar and 'role="alert"' not in bar
    assert WORDS("ask.next") in bar
    assert WORDS("ask.back") not in bar and WORDS("ask.hand_in") not in bar
    last = asking.draw_bar(WORDS, replace(desk, at=3), answers)
    assert WORDS("ask.back") in last and WORDS("ask.next") not in last
    assert 'data-sure="0"' in last and WORDS("ask.hand_in") in last
    asked = asking.draw_bar(WORDS, replace(desk, at=3), answers, sure=True)
    assert "question 2, 4" in asked and 'data-sure="1"' in asked and 'role="alert"' in asked
    # Once all is answered it may be handed in from anywhere.
    assert WORDS("ask.hand_in") in asking.draw_bar(WORDS, desk, (0, 1, "x", 2))


# -- marks ---------------------------------------------------------------------------------------
def test_a_mark_says_right_or_wrong_by_icon_and_word(stage: Stage) -> None:
    question = Question(EVIL, "choose", EVERY[1:3], (EVIL, "b"))
    html = ask_verdict.one(stage, Marked(question, 0, False, EVIL, EVIL, EVERY[:1]), 0, ())
    assert "<b onclick" not in html
    assert "✗ not right" in html and "Right answer" in html and "Your answer" in html
    right = ask_verdict.one(stage, Marked(question, 1, True, "b", "", EVERY[:2]), 0, EVERY[1:2])
    assert "✓ right" in right and "Right answer" not in right
    assert WORDS("ask.above") in right and "there was a cat" not in right  # it stands further up
    assert right.index("A strip") < right.index(WORDS("ask.saw")) < right.index("was a train")


@pytest.mark.parametrize(
    ("form", "said", "shown"),
    [
        ("token", 1, "“kitten”, token 2"),
        ("token", None, "none"),
        ("choose", 1, "b"),
        ("set", 0b10, "b"),
        ("set", 0b11, "a and b"),
        ("write", "my text", "my text"),
        ("write", "", "none"),
    ],
)
def test_the_players_answer_in_words(form: Any, said: Any, shown: str) -> None:
    question = Question("?", form, EVERY[:1], ("a", "b"), 9)
    assert ask_verdict.said(WORDS, question, said) == shown
