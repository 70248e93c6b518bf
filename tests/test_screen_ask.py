"""The screen of levels that ask: what it draws, what it hands in, and a round from end to end."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest
from markupsafe import escape

from playground.atlas.atlas import Atlas
from playground.atlas.cards import CurvePoint
from playground.engine.records import Dial, Request
from playground.errors import AuthorError, PlayerError
from playground.game.game import Game
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Bound,
    Demand,
    Doses,
    Exhibit,
    Graded,
    Marked,
    Portrait,
    Question,
    Reply,
    Sealed,
    Strip,
)
from playground.levels.judging import Bench
from playground.levels.schema import Goal, Hints, Learned, Pick, Stars
from playground.levels.shelf import Chapter, Shelf
from playground.screens.pages import ask
from playground.screens.parts import ask_verdict, exhibits
from playground.screens.stage import Stage
from playground.store.records import Player, PlayerId
from playground.store.store import Store
from playground.text.words import Words
from tests.fake_model import COCOA, FakeAtlas, FakeEngine
from tests.stages import stage_of

WORDS = Words.load()
EVIL = '<b onclick="x">&'
CURVE = tuple(
    CurvePoint(s, e, 20 * s, e / 2, e / 9, 5 * s)
    for s, e in ((0.0, 0.0), (0.5, 0.6), (1.0, 0.8), (1.5, 0.3))
)
TOKENS = (" The", " kitten", " slept", " on", " the", " sill", ",\n", "and", " purred", ".")
VALUES = (0.0, 6.1, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 3.2, 0.0)
CARD = Pick("late", COCOA)
EVERY: tuple[Exhibit, ...] = (
    Strip(TOKENS, VALUES, caption="A strip"),
    Reply("Once upon a time", " there was a cat who wanted cocoa.", "Reply A"),
    Reply("Once upon a time", " there was a train that was late.", "Reply B"),
    Doses(CURVE, 0.75, "Its dose-response"),
    Bars((("before", 4.2), ("after", -1.05)), "activation units", 5.0, "Mean activation"),
    Portrait(CARD, caption="The feature, without its name"),
)


class Quiz(AskLevel):
    """One question of every form."""

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        strip = Strip(TOKENS, caption="Click the token on which you expect the most.")
        choose = Question("Which reply was steered?", "choose", EVERY, ("reply A", "reply B"))
        token = Question("Where does it fire most?", "token", (strip, EVERY[-1]))
        write = Question("Write a text on which it fires.", "write", EVERY[-1:], words=8)
        named = (Portrait(CARD, named=True),)
        why = f"Round {seed}: it says cocoa."
        yield Sealed(choose, 0, 1, why, named, frozenset({0}))
        yield Sealed(token, 1, 8, "It peaks there.", EVERY[:1], frozenset({1}))
        yield Sealed(write, "a cat", "a dog", demand=Demand(fires=Bound(CARD, 1.0)))

    def grade(self, bench: Bench, sealed: Sealed, text: str) -> Graded:
        right = "cat" in text
        return Graded(right, "It peaks at 6.1." if right else "It stays silent.", EVERY[:1])

    def probe(self, bench: Bench, seed: int, number: int, prompt: str) -> Sequence[Request]:
        if "wrong" in prompt:
            raise PlayerError("Not that.")
        return Request(prompt), Request(prompt, (Dial("late", COCOA, 0.6),))


def level(probes: int = 2) -> Quiz:
    return Quiz(
        id="quiz",
        kind="spot",
        title="A quiz & more",
        brief="Look at the evidence, then say what you think.",
        concept="cats",
        difficulty=2,
        minutes=3,
        rounds=3,
        probes=probes,
        goals=(Goal(measure="right", at_least=2, says="At least 2 right"),),
        stars=Stars(measure="right", two=2.5, three=3),
        hints=Hints(nudge="Look.", method="Compare.", answer="All is in the cards."),
        win="You see what it sees.",
        learned=Learned(text="Evidence first.", words=("feature",), source="A paper"),
    )


def shelf(asking: AskLevel) -> Shelf:
    chapter = Chapter(slug="asking", title="Asking", blurb="Questions.", levels=(asking.id,))
    return Shelf((chapter,), (asking,))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), shelf(level()))
    yield stage_of(game)
    game.close()


def event(form: dict[str, str] | None = None, **data: str) -> Any:
    return SimpleNamespace(_data={**data, "form": form or {}})


def load(
    stage: Stage, player: Player | None = None, id: str = "quiz"
) -> tuple[list[Any], list[Any]]:
    """What stands there at once, and after all questions are dealt."""
    request: Any = SimpleNamespace(query_params={"level": id})
    player = player or stage.game.players.enter(None)
    first: list[Any] = ask.opened(stage, player, request)
    return first, shown(list(ask.deal(stage, first[1], player.id)))


def dealt(stage: Stage, player: PlayerId) -> list[Any]:
    """What the page of the quiz shows this player after all questions are dealt."""
    return shown(list(ask.deal(stage, ask.Desk("quiz"), player)))


def shown(steps: list[Any]) -> list[Any]:
    """What a page shows after several updates, of which each leaves something as it was."""
    page = steps[0]
    for step in steps[1:]:
        kept = zip(page, step, strict=True)
        page = [old if new == gr.skip() else new for old, new in kept]
    return page


@pytest.fixture
def begun(stage: Stage) -> tuple[PlayerId, ask.Desk]:
    player = stage.game.players.enter(None)
    return player.id, load(stage, player)[1][0]


# -- exhibits ------------------------------------------------------------------------------------
def test_every_exhibit_is_drawn_with_its_caption_and_its_numbers(stage: Stage) -> None:
    html = exhibits.draw(stage, EVERY)
    for exhibit in EVERY:
        assert exhibit.caption in html
    assert 'data-v="6.1"' in html
    assert "there was a train" in html
    assert "here: 0.75" in html
    assert "-1.05" in html and "activation units" in html
    assert WORDS("card.pos") in html


@pytest.mark.parametrize(
    "exhibit",
    [
        Strip((EVIL, EVIL), (1.0, 0.0), caption=EVIL),
        Reply(EVIL, EVIL, EVIL),
        Portrait(CARD, caption=EVIL),
        Doses(CURVE, None, EVIL),
        Bars(((EVIL, 1.0),), EVIL, 2.0, EVIL),
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


def test_long_and_repeated_evidence_folds(stage: Stage) -> None:
    short, long = Reply("a", "b", "short"), Reply("a", "b" * 900, "long")
    assert "<details" not in exhibits.draw(stage, [short])
    assert "open data-fold" in exhibits.draw(stage, [long])
    again = exhibits.draw(stage, [short], earlier=[short])
    assert "data-fold" in again and " open" not in again


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
    drawn = [ask.draw_answer(WORDS, each, n) for n, each in enumerate(asked)]
    for number, html in enumerate(drawn):
        assert f'name="q{number}"' in html
        assert 'form="round" ' in html and 'data-change="answer"' in html
    assert '<b data-count="q2">0</b> of at most 8 words' in drawn[2]
    assert 'data-words="8"' in drawn[2] and 'data-act="try"' in drawn[2]


def test_options_and_questions_are_escaped(stage: Stage) -> None:
    question = Question(EVIL, "choose", (), (EVIL, "b"))
    desk = ask.Desk("quiz", 0, ("choose",), (None,))
    html = ask.draw_question(stage, desk, question, 0) + ask.draw_answer(WORDS, question, 0)
    assert "<b onclick" not in html
    assert 'data-act="probe"' not in html


def test_what_the_browser_reports_becomes_answers() -> None:
    forms: Any = ("choose", "token", "write", "write", "choose")
    desk = ask.Desk("quiz", 0, forms, (0, 0, "", "", 0, 2))
    form = {"q0": "1", "q1": "-2", "q2": " a cat ", "q3": "  ", "p0": "3"}
    # The sixth is not dealt yet, and stays as it was answered before.
    assert ask.answers_of(desk, form) == (1, None, "a cat", None, None, 2)


def test_the_bar_counts_and_names_what_is_open() -> None:
    bar = ask.draw_bar(WORDS, (0, None, "x", None))
    assert "2 of 4 answered" in bar and 'data-sure="0"' in bar and 'role="alert"' not in bar
    asked = ask.draw_bar(WORDS, (0, None, "x", None), sure=True)
    assert "question 2, 4" in asked and 'data-sure="1"' in asked and 'role="alert"' in asked


# -- a round -------------------------------------------------------------------------------------
def test_the_questions_come_after_a_sign_of_life(stage: Stage) -> None:
    first, last = load(stage)
    assert WORDS("ask.dealing") in first[3]
    assert last[0] == ask.Desk("quiz", 0, ("choose", "token", "write"), (None,) * 3, 2)
    assert last[1] == ""
    assert "0 of 3 answered" in last[2]
    slots = [last[3 + 5 * place : 8 + 5 * place] for place in range(ask.SLOTS)]
    assert [getattr(slot[0], "visible", False) for slot in slots] == [True] * 3 + [False] * 9
    assert "Question 2 of 3" in slots[1][1]
    assert "Prompts left: 2 of 2" in slots[0][2]
    # The card is open in the first question and folded where it comes again.
    opened, folded = (
        '<details class="exhibit wide" open>',
        '<details class="exhibit wide" data-fold>',
    )
    assert opened in slots[0][1] and folded in slots[1][1]


def test_a_level_of_another_kind_is_refused_kindly(stage: Stage) -> None:
    first, last = load(stage, id="<nowhere>")
    assert "There is no level" in first[2] and "<nowhere>" not in first[2]
    assert last == [gr.skip()] * (3 + 5 * ask.SLOTS)


def test_a_model_that_has_nothing_to_ask_about(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deal(*_: object) -> Iterator[Sealed]:
        yield from ()
        raise AuthorError("levels/quiz.toml: too few features")

    monkeypatch.setattr(Quiz, "deal", deal)
    _, last = load(stage)
    assert WORDS("ask.no_deal") in last[1]
    assert "toml" not in last[1]


def test_as_many_slots_as_a_level_may_have_rounds() -> None:
    assert any(
        each.le == ask.SLOTS
        for each in AskLevel.model_fields["rounds"].metadata
        if hasattr(each, "le")
    )


def test_a_hint_opens(stage: Stage, begun: tuple[PlayerId, ask.Desk]) -> None:
    player, desk = begun
    assert "Look." in ask.hint(stage, desk, player)


def test_a_text_is_tried_without_an_end(stage: Stage, begun: tuple[PlayerId, ask.Desk]) -> None:
    player, desk = begun
    waiting, shown = ask.try_text(stage, desk, player, event({"q2": " <cat> "}, number="2"))
    assert "pulse" in waiting
    assert "✓ would count" in shown and "It peaks at 6.1." in shown and "&lt;cat&gt;" in shown
    assert 'data-v="6.1"' in shown
    assert stage.game.attempts.ask(player, "quiz").seed == 0
    steps = ask.try_text(stage, desk, player, event({"q2": "one " * 9}, number="2"))
    assert "pulse" in next(steps)
    assert next(steps) == ""
    with pytest.raises(PlayerError, match=r"questions.too_long\(count=9, limit=8\)"):
        next(steps)


def test_probes_are_shown_side_by_side_and_run_out(
    stage: Stage, begun: tuple[PlayerId, ask.Desk]
) -> None:
    player, desk = begun
    for prompt in ("One <day>", "Two"):
        _, drawn = ask.probe(stage, desk, player, event({"p0": prompt}, act="probe", number="0"))
    assert "hot cocoa" in drawn and "Untouched" in drawn
    assert "Prompts left: 0 of 2" in drawn
    assert "Earlier: “One &lt;day&gt;”" in drawn
    steps = ask.probe(stage, desk, player, event({"p0": "Three"}, number="0"))
    next(steps)
    assert "Prompts left: 0 of 2" in str(next(steps))
    with pytest.raises(PlayerError, match="errors.no_probe"):
        next(steps)
    # They are spent and shown after a reload, too.
    assert "Prompts left: 0 of 2" in dealt(stage, player)[5]
    steps = ask.probe(stage, desk, player, event({"p1": "wrong"}, number="1"))
    next(steps)
    assert "Prompts left: 2 of 2" in str(next(steps))  # a failure costs nothing
    with pytest.raises(PlayerError, match="Not that"):
        next(steps)
    with pytest.raises(PlayerError, match="ask.probe_empty"):
        next(ask.probe(stage, desk, player, event({"p1": " "}, number="1")))


def test_open_questions_are_asked_about_once(
    stage: Stage, begun: tuple[PlayerId, ask.Desk]
) -> None:
    player, desk = begun
    assert "1 of 3 answered" in ask.answered(stage, desk, player, event({"q0": "0"}))
    (asked,) = ask.hand_in(stage, desk, player, event({"q0": "0"}, sure="0"))
    assert "question 2, 3" in str(asked[0])
    waiting, judged = ask.hand_in(stage, desk, player, event({"q0": "0"}, sure="1"))
    assert WORDS("ask.judging") in str(waiting[0])
    assert judged[0] == ""
    assert WORDS("level.lost") in str(judged[1]) and WORDS("ask.again") in str(judged[1])
    assert str(judged[1]).count(WORDS("ask.right")) == 1
    assert not cast(Any, judged[2]).visible


def test_a_won_round_teaches_and_the_next_one_is_new(
    stage: Stage, begun: tuple[PlayerId, ask.Desk]
) -> None:
    player, desk = begun
    form = {"q0": "0", "q1": "1", "q2": "a cat"}
    *_, judged = ask.hand_in(stage, desk, player, event(form, sure="0"))
    html = str(judged[1])
    for said in (
        WORDS("level.won"),
        "Evidence first.",
        "Round 0: it says cocoa.",
        "ask?level=quiz",
    ):
        assert said in html
    assert html.count(WORDS("ask.right")) == 3 and WORDS("ask.key") not in html
    assert stage.game.attempts.ask(player, "quiz").seed == 1
    steps = ask.hand_in(stage, desk, player, event(form, sure="0"))
    next(steps)
    assert "3 of 3 answered" in str(next(steps)[0])
    with pytest.raises(PlayerError, match="errors.answered"):
        next(steps)


def test_each_question_is_shown_as_soon_as_it_is_dealt(stage: Stage) -> None:
    player = stage.game.players.enter(None).id
    steps = ask.deal(stage, ask.Desk("quiz"), player)
    first = next(steps)
    assert "Question 1 of 3" in str(first[4])
    assert WORDS("ask.dealing_next", number=2, count=3) in str(first[1])
    assert first[0] == ask.Desk("quiz", 0, ("choose",), (None,) * 3, 2)
    # Something is answered while the others are dealt: the bar is not drawn over.
    ask.answered(stage, cast(Any, first[0]), player, event({"q0": "1"}))
    second, third = steps
    assert (second[2], third[2]) == (gr.skip(), gr.skip())
    assert "Question 3 of 3" in str(third[14]) and third[1] == ""


def test_a_round_survives_reload_restart_and_language(stage: Stage, tmp_path: Path) -> None:
    player = stage.game.players.enter(None).id
    form = {"q0": "1", "q2": "a  <cat>"}
    ask.answered(stage, dealt(stage, player)[0], player, event(form))
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    restarted = stage_of(Game.of(bench, store, shelf(level())))
    for each in (stage, restarted):
        page = dealt(each, player)
        assert page[0].answers == (1, None, "a  <cat>")
        assert "2 of 3 answered" in page[2]
        assert 'value="1" form="round" data-change="answer" checked' in page[6]
        assert "checked" not in page[11]
        assert "a  &lt;cat&gt;</textarea>" in page[16] and '<b data-count="q2">2</b>' in page[16]
    # Another version of the level asks other questions, to which these are no answers.
    edited = level().model_copy(update={"probes": 3})
    other = stage_of(Game.of(bench, store, shelf(edited)))
    assert dealt(other, player)[0].answers == (None,) * 3
    store.close()


def test_answers_go_with_the_round(stage: Stage, begun: tuple[PlayerId, ask.Desk]) -> None:
    player, desk = begun
    form = {"q0": "0", "q1": "1", "q2": "a cat"}
    ask.answered(stage, desk, player, event(form))
    list(ask.hand_in(stage, desk, player, event(form, sure="0")))
    with pytest.raises(PlayerError, match="errors.answered"):
        ask.answered(stage, desk, player, event({"q0": "1"}))
    assert dealt(stage, player)[0].answers == (None,) * 3


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
        ("write", "my text", "my text"),
        ("write", "", "none"),
    ],
)
def test_the_players_answer_in_words(form: Any, said: Any, shown: str) -> None:
    question = Question("?", form, EVERY[:1], ("a", "b"), 9)
    assert ask_verdict.answer(WORDS, Marked(question, said, False, "", "", ())) == shown
