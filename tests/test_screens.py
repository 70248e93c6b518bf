"""The screens without a browser: words, drawings, escaping, pacing, errors, composition."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args
from xml.etree import ElementTree

import gradio as gr
import pytest
from markupsafe import escape

from playground.atlas import naming
from playground.atlas.cards import Activation, Card, CurvePoint, Explanation, Support
from playground.engine.records import METHODS, OPENING_TOKENS, Dial, Site, Token
from playground.errors import EngineError, PlayerError, StoreError
from playground.game.attempts import Event
from playground.game.game import Game
from playground.levels.dealing.triples import Began, Said
from playground.levels.kinds import KINDS
from playground.levels.schema import Learned, Pick
from playground.messages import Message
from playground.screens import site, theme
from playground.screens.pages import about, feature
from playground.screens.parts import brief, card, frame, pictures, search, streams
from playground.screens.render import macro
from playground.screens.stage import Stage, bind, regret
from playground.store.records import Player, PlayerId
from playground.store.store import Store
from playground.text.language import LANGUAGES
from playground.text.words import Words
from tests.stages import stage_of

SCREENS = Path(site.__file__).parent
SOURCES = sorted(SCREENS.rglob("*.py")) + sorted(SCREENS.rglob("*.html"))
ROOT = SCREENS.parents[1]
SITES = tuple(Site(name, layer, 10.0, 64) for layer, name in enumerate(("early", "middle", "late")))
WORDS = Words.load()
MOODS = ("calm", "happy", "puzzled", "thinking")


def stage() -> Stage:
    """A stage whose game knows its sites and nothing else."""
    exploring = SimpleNamespace(sites=SITES, device="cpu", notes=(), has_features=True)
    game = SimpleNamespace(
        exploring=exploring, course=None, challenges=None, attempts=None, model="pocket",
        tracing=SimpleNamespace(offered=True), first_minute=SimpleNamespace(file=None),
        maps=SimpleNamespace(sites=()),
    )  # fmt: skip
    game.in_language = lambda _: game
    return stage_of(cast(Game, game))


def example_card() -> Card:
    strong = Activation(
        (" the", " <b>cat", "\n"), (0.0, 9.0, 1.0), 9.0, 1, 6.0, 9.0, 0.1, "own samples"
    )
    weak = Activation((" a", " cat"), (0.0, 2.0), 2.0, 1, 0.0, 3.0, 0.6, "held-out documents")
    return Card(
        site="middle",
        index=7,
        maxActApprox=9.0,
        frac_nonzero=0.004,
        pos_str=(" cat", "\n"),
        pos_values=(2.0, 1.0),
        neg_str=(" sea",),
        neg_values=(-1.0,),
        freq_hist_data_bar_heights=(5.0, 0.0, 1.0),
        freq_hist_data_bar_values=(0.0, 1.0, 2.0),
        logits_hist_data_bar_heights=(),
        logits_hist_data_bar_values=(),
        topkCosSimIndices=(8,),
        topkCosSimValues=(0.5,),
        activations=(weak, strong),
        explanations=(),
        concepts=(("cats", 0.98),),
    )


# -- words ---------------------------------------------------------------------------------------
def test_no_text_of_the_screens_is_written_in_code() -> None:
    """Only the words file speaks to the player: no capitalised phrase between tags in the code."""
    for path in SOURCES:
        found = re.findall(r">[A-Z][a-z]+ [a-z]+", path.read_text(encoding="utf-8"))
        assert not found, f"{path.name}: {found}"


def test_every_method_says_what_off_means() -> None:
    for method in METHODS:
        assert "off" in WORDS(f"sandbox.method_{method}").lower()


def test_about_page_says_what_runs_and_leads_to_how_it_is_measured() -> None:
    said = about.draw(stage())
    assert f"first {OPENING_TOKENS} tokens" in said
    assert 'href="measure"' in said
    assert all(site.name in said for site in SITES)


# -- drawings ------------------------------------------------------------------------------------
@pytest.mark.parametrize("mood", MOODS)
def test_the_cat_is_sound_and_skipped_by_screen_readers(mood: str) -> None:
    assert ElementTree.fromstring(macro(None, "pictures:cat", mood)).get("aria-hidden") == "true"


@pytest.mark.parametrize("strengths", [(), (0.5,), (0.0, 0.5, 1.0, 1.5), (-4.0, 4.0)])
def test_curve_holds_every_point_inside(strengths: tuple[float, ...]) -> None:
    points = [CurvePoint(s, 0.5, 40.0, 0.4, 0.1, 20.0) for s in strengths]
    names: dict[str, str] = dict.fromkeys(
        ("effect", "damage", "control", "you", "title", "x"), "a < b"
    )
    drawn = ElementTree.fromstring(
        pictures.curve(points, CurvePoint(0.7, 1.2, 3.0, 1, 0, 0), names)
    )
    _, _, width, height = map(float, str(drawn.get("viewBox")).split())
    for line in drawn.iter("polyline"):
        for pair in str(line.get("points")).split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height
    styles = {
        (line.get("stroke-dasharray"), line.get("stroke-width")) for line in drawn.iter("polyline")
    }
    assert len(styles) == 3  # told apart without colour


def test_histogram_of_nothing_is_nothing() -> None:
    assert macro(None, "pictures:histogram", (), (), "title", "x") == ""
    assert macro(None, "pictures:histogram", (0.0, 1.0), (0.0, 0.0), "title", "x") == ""
    drawn = ElementTree.fromstring(
        macro(None, "pictures:histogram", (0.0, 1.0), (3.0, 1.0), "a & b", "x")
    )
    assert len(list(drawn.iter("rect"))) == 2


def test_stack_marks_the_chosen_site() -> None:
    drawn = pictures.stack(SITES, ("middle",), "where")
    assert drawn.count('fill="var(--accent)"') == 1
    several = pictures.stack(SITES, ("middle", "late"), "where")
    assert several.count('fill="var(--accent)"') == several.count("◀ ") == 2
    assert "◀ middle" in drawn


# -- tokens and scores ---------------------------------------------------------------------------
def test_tokens_are_escaped_and_keep_their_numbers() -> None:
    html = frame.strip((" <script>", "\n", " a"), (2.0, 1.0, 0.0), 2.0)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert 'data-v="2"' in html
    assert "↵" in html
    assert html.count('class="tok"') == 2


def test_chosen_token_is_the_only_tab_stop() -> None:
    html = frame.key_strip((" a", " b", " c"), (0.0, 1.0, 2.0), 2.0, 1, 'say "x"')
    assert html.count('tabindex="0"') == 1
    assert html.count('aria-pressed="true"') == 1
    assert "&#34;x&#34;" in html


@pytest.mark.parametrize(
    ("spans", "shown"),
    [
        ((), "a &lt; cat"),
        (((4, 7),), 'a &lt; <mark class="hit">cat</mark>'),
        (((4, 7), (0, 1), (5, 6)), '<mark class="hit">a</mark> &lt; <mark class="hit">cat</mark>'),
    ],
)
def test_words_that_counted_are_marked(spans: tuple[tuple[int, int], ...], shown: str) -> None:
    assert frame.marked("a < cat", spans) == shown


def test_score_has_unit_meaning_and_comparison() -> None:
    html = macro(None, "frame:score", "Effect", 74.6, "of 100", "share of replies", "Control: 3")
    assert "75 <small>of 100</small>" in html
    assert "share of replies" in html
    assert "Control: 3" in html


# -- cards and levels ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "never"), (0.004, "one token in 250"), (0.5, "background hum")]
)
def test_how_often_a_feature_fires_in_plain_words(share: float, said: str) -> None:
    assert said in card.often(WORDS, share)


def test_card_shows_the_strongest_interval_first_and_escapes() -> None:
    html = card.draw(WORDS, example_card(), "cats & co", ["eight"], collected=False)
    assert html.index("own samples") < html.index("held-out documents")
    assert "cats &amp; co" in html
    assert "<b>cat" not in html
    assert 'data-act="collect"' in html
    assert 'href="feature?site=middle&amp;feature=7"' in html


def test_card_says_in_plain_words_why_it_has_its_name_and_how_sure_that_is() -> None:
    """All sorts of names that our own atlases write; what others wrote stays as it is."""
    for language in LANGUAGES:
        for made in filter(None, get_args(naming.Made)):
            said = replace(example_card(), explanations=(Explanation("cats", made),))
            html = card.draw(Words.of(language), said, "cats", ["eight"])
            assert made not in html
    told = replace(example_card(), explanations=(Explanation("cats", "oai_token-act-pair"),))
    assert "oai_token-act-pair" in card.draw(WORDS, told, "cats", ["eight"])
    sure = replace(
        example_card(),
        explanations=(Explanation("cats", "concept-auroc"),),
        support=Support(7, 8, 0.834),
        apart=Message("atlas.most_on", tokens=("kitten",)),
        graded=((24, 610),),
    )
    html = card.draw(WORDS, sure, "cats", ["eight"])
    assert "7 of the 8 strongest texts" in html and "83 % of all that" in html
    assert "most on kitten" in html and "on 24 texts about it and 610 others" in html
    assert "Why this name" not in card.draw(WORDS, example_card(), "cats", ["eight"])


def test_what_you_learned_links_its_source() -> None:
    learned = Learned(text="x", words=("feature",), source="Someone 2025, https://example.org/a?b")
    level = SimpleNamespace(id="steer-y", learned=learned)
    start: Any = SimpleNamespace(level=level, series="course", best=SimpleNamespace(stars=2))
    html = brief.learned(WORDS, start, ("steer?level=x", "Next one"), "hunt?level=y")
    assert 'href="https://example.org/a?b"' in html
    assert "Next one" in html and "Try for more stars" in html
    assert 'href=".#level-steer-y"' in html  # back to its place on the map
    start.best.stars = 3
    assert "Play it again" in brief.learned(WORDS, start, None, "hunt?level=y")


ENDLESS = "9" * 5000  # Python reads no number as long as this


@pytest.mark.parametrize("number", [ENDLESS, "-1", "x", "", "²"])
def test_an_address_with_no_number_of_a_feature_is_answered(number: str) -> None:
    asked: Any = SimpleNamespace(query_params={"site": "early", "feature": number})
    player: Any = SimpleNamespace(secret="")
    shown = feature.opened(stage(), player, [], asked)
    said = WORDS("feature.no_number", number=number[:20])
    assert shown[1] is None
    assert escape(said) in str(shown[3]) and "9" * 21 not in str(shown[3])
    assert search.known(stage(), [f"early/{number}"]) == []


def test_collected_features_of_another_model_are_left_out() -> None:
    keys = ["early/3", "attic/3", "late/64", "late/x", "", f"early/{ENDLESS}", "middle/63"]
    assert search.known(stage(), keys) == ["early/3", "middle/63"]


# -- streams and events --------------------------------------------------------------------------
def talk(count: int, closed: list[bool]) -> Iterator[Event]:
    try:
        yield Began("Once", (), ("baseline",))
        for number in range(count):
            yield Said("baseline", Token(number, f" {number}"))
    finally:
        closed.append(True)


def test_a_browser_gets_few_updates_and_all_of_the_text() -> None:
    run, closed = streams.Run(), list[bool]()
    began = time.monotonic()
    passed = list(streams.paced(talk(2000, closed), run))
    assert len(passed) <= 2 + streams.UPDATES_A_SECOND * (time.monotonic() - began + 1)
    assert run.said["baseline"].endswith(" 1999")
    assert closed == [True]


def test_a_closed_tab_closes_the_run() -> None:
    closed: list[bool] = []
    events = streams.paced(talk(10, closed), streams.Run())
    next(events)
    events.close()
    assert closed == [True]


def refuse(stage: Stage, value: int) -> int:
    raise PlayerError("errors.no_page", page=f"{value} <is>")


def break_down(stage: Stage) -> Iterator[int]:
    yield 1
    raise EngineError("site 'x' has no hook")


def test_errors_become_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(gr, "Warning", lambda message, **_: said.append(message))
    assert bind(stage(), refuse)(3) == gr.skip()
    assert list(bind(stage(), break_down)()) == [1, gr.skip()]
    assert said == [
        "The handbook has no page “3 &lt;is&gt;”. Choose one from the list.",
        WORDS("site.engine"),
    ]


def test_what_cannot_warn_fails_and_a_warning_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(gr, "Warning", lambda message, **_: said.append(message))
    with pytest.raises(gr.Error, match="no page “3 &lt;is&gt;”"):
        bind(stage(), refuse, queued=False)(3)
    assert not said
    regret(stage())
    assert said == [WORDS("site.engine")]


def test_the_secret_that_a_browser_sends_becomes_a_player(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opens(stage: Stage, value: int, player: Player) -> tuple[int, Player]:
        return value, player

    def plays(stage: Stage, player: PlayerId, *values: int) -> Iterator[tuple[PlayerId, int]]:
        yield player, sum(values)

    said: list[str] = []
    monkeypatch.setattr(gr, "Warning", lambda message, **_: said.append(message))
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    here = replace(stage(), game=cast(Game, SimpleNamespace(players=store.players)))
    _, made = bind(here, opens)(3, None)
    assert bind(here, opens)(3, made.secret) == (3, made)
    assert bind(here, opens)(3, [made.secret])[1].id != made.id  # nothing that we gave
    assert list(bind(here, plays)(made.secret, 1, 2)) == [(made.id, 3)]
    for stranger in (None, "x" * 22, {"id": made.id}, made.id):
        assert list(bind(here, plays)(stranger, 1, 2)) == [gr.skip()]
    assert said == [WORDS("site.stranger")] * 4
    store.close()


def test_a_store_that_fails_is_said_kindly(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(stage: Stage) -> None:
        raise StoreError("The progress store did not answer (database is locked)")

    said: list[str] = []
    monkeypatch.setattr(gr, "Warning", lambda message, **_: said.append(message))
    assert bind(stage(), fails)() == gr.skip()
    assert said == [WORDS("site.store")]


def test_gradio_sees_the_special_arguments_of_a_bound_handler() -> None:
    from gradio.helpers import special_args

    def handler(stage: Stage, value: int, event: gr.EventData) -> int:
        return value

    _, _, place, _ = special_args(bind(stage(), handler))
    assert place == 1


# -- the app -------------------------------------------------------------------------------------
COMPOSE = """
from dataclasses import replace
from tests.stages import stage_of
from tests.test_screens import stage
from playground.screens import site
made = stage()
app = site.build([made.offer, replace(made.offer, place="gpt2")], made.manifest)
assert all(fn.api_visibility == "private" for fn in app.fns.values()), app.fns
print(*sorted(path for path, *_ in app.pages), sep=",")
"""


def test_the_app_composes_with_a_page_for_every_kind() -> None:
    """In a process of its own: Gradio leaves event loops behind, which are errors here."""
    made = subprocess.run(
        [sys.executable, "-c", COMPOSE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    built = set(made.stdout.strip().split(","))
    english = {path for path, _ in site.PAGES}
    below = {f"{part}/{path}".rstrip("/") for part in ("ru", "gpt2", "gpt2/ru") for path in english}
    once = {part + path for path, _ in site.HOUSE for part in ("", "ru/")}
    assert built == english | below | once
    assert {kind.screen for kind in KINDS.values()} <= built


def test_nothing_on_a_page_is_fetched_from_elsewhere() -> None:
    style = theme.STYLE.read_text(encoding="utf-8")
    assert "http" not in style
    assert "@import" not in style
    assert "http" not in theme.HEAD.replace("http://www.w3.org/2000/svg", "")
    assert theme.theme()._stylesheets == []


def test_dials_are_made_from_the_controls() -> None:
    from playground.screens.pages import sandbox

    bench = sandbox.Workbench((None, Pick("late", 3), None, None))
    values = [0.0, "add", "all", 0.5, "project", "reply", 0, "add", "all", 0, "add", "all"]
    state = sandbox.state_of(bench, "Once", 0.5, 0.9, 40.0, 7.0, False, values)
    assert state.dials == (Dial("late", 3, 0.5, "project", "reply"),)
    assert (state.sampling.max_tokens, state.sampling.seed) == (40, 7)
