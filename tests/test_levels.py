import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import CurvePoint
from playground.concepts import examples
from playground.concepts.overlap import Runs
from playground.engine.records import Dial, Sampling
from playground.errors import AuthorError, PlayerError
from playground.levels import judging
from playground.levels.dealing import steering, triples
from playground.levels.dealing.steered import Turn
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds import hunt
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.kinds.steer import SteerLevel
from playground.levels.proving.proof import check
from playground.levels.schema import Pick
from playground.levels.shelf import LEVELS, Shelf, load_level
from playground.messages import Message
from playground.settings import ASSETS
from playground.text.language import LANGUAGES
from playground.text.words import Words
from scripts.leaks import leaks
from tests.fake_model import CAT, COCOA, NOISE, FakeAtlas, FakeEngine
from tests.steered_levels import plain_steer, played

HUNT, STEER = (
    LEVELS / "microscope" / "find-cats.toml",
    LEVELS / "first-steering" / "steer-chocolate.toml",
)
TEXTS = {
    "cats": [
        LabelledText("the cat sat", True),
        LabelledText("a kitten and a purr", True),
        LabelledText("the purr of home", True),
        LabelledText("the train left", False),
        LabelledText("a cocoa cup", False),
        LabelledText("snow fell", False),
    ]
}


@pytest.fixture
def bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, FakeAtlas()), TEXTS)


@pytest.fixture
def cats() -> HuntLevel:
    level = Shelf.load().level("find-cats")
    assert isinstance(level, HuntLevel)
    return level


@pytest.fixture
def chocolate() -> SteerLevel:
    level = plain_steer(Shelf.load())
    assert isinstance(level, SteerLevel)
    return level.model_copy(update={"sites": ("early", "late")})


# -- files -----------------------------------------------------------------------------------------
def test_the_shelf_is_in_course_order() -> None:
    shelf = Shelf.load()
    course = tomllib.loads((LEVELS / "course.toml").read_text())
    assert [level.id for level in shelf.levels] == [
        slug for chapter in course["chapters"] for slug in chapter["levels"]
    ]
    assert shelf.chapter("steer-chocolate").slug == "first-steering"
    assert shelf.after("find-cats") == "spot-kitchen"
    assert shelf.after(shelf.levels[-1].id) is None
    with pytest.raises(PlayerError, match=r"errors.no_level\(id=nope\)"):
        shelf.level("nope")


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (
            HUNT,
            'kind = "hunt"',
            'kind = "seek"',
            "`kind`: found 'seek'; allowed: beat, before, blend, .*steer",
        ),
        (HUNT, 'kind = "hunt"', "", "`kind`: found None; allowed: beat, before, blend, .*steer"),
        (HUNT, "minutes = 4", "", "`minutes` is missing"),
        (HUNT, "minutes = 4", "minutes = 40", "`minutes`: found 40; input should be less"),
        (HUNT, "minutes = 4", 'minutes = 4\nid = "cats"', "`id` is the file's name"),
        (
            HUNT,
            "minutes = 4",
            "minutes = 4\nboss = 1",
            "`boss` is unknown; allowed here: kind,",
        ),
        (HUNT, 'concept = "cats"', 'concept = "catz"', "`concept`: found 'catz'; .* cats"),
        (HUNT, '["middle", "late"]', '["deep"]', "found 'deep'; input should be 'early'"),
        (HUNT, "at_least = 0.8", "", "`goals.0`: .*exactly one of at_least and at_most"),
        (HUNT, '"auroc"\nat_least', '"fun"\nat_least', "measure 'fun' is unknown .* auroc, lead"),
        (HUNT, "three = 0.95", "three = 0.9", "`stars`: .*three must be above two"),
        (HUNT, "{feature}", "{number}", "{number} is no blank; there are dials, feature, site"),
        (HUNT, "{feature}", "{strength}", "{strength} cannot be filled in by this kind"),
        (HUNT, 'take = "best detector"', 'take = "luck"', "`solution.take`: found 'luck'"),
        (HUNT, "[learned]", "[learned", "is no TOML"),
        (HUNT, "difficulty = 1", "difficulty = 6", "`difficulty`: found 6; .*less than or equal"),
        (
            HUNT,
            'words = ["feature", "activation", "token", "SAE"]',
            "words = []",
            "`learned.words`",
        ),
        (HUNT, 'concept = "cats"', 'concept = "cats"\nneeds = ["Cats"]', "`needs.0`: found 'Cats'"),
        (STEER, "limit = 56", "limit = 20", "`limit`: found 20; .*multiple of 8"),
        (STEER, 'method = "clamp"', 'method = "shove"', "`method`: found 'shove'"),
        (STEER, "tokens = 64", "start_strength = 3", "start_strength is above max_strength"),
        (STEER, "prompts = [", "prompts = []\nothers = [", "`prompts`: found \\[\\]"),
        (STEER, "rank = 1", "rank = 0", "`solution.rank`: found 0"),
        (STEER, 'role = "recipe"', "feature = 12", "`solution.role` is missing"),
    ],
)
def test_a_broken_file_gets_one_line(
    tmp_path: Path, path: Path, old: str, new: str, message: str
) -> None:
    text = path.read_text()
    assert old in text
    broken = tmp_path / "level.toml"
    broken.write_text(text.replace(old, new))
    with pytest.raises(AuthorError, match=message) as caught:
        load_level(broken, ["cats", "dogs", "dragons"])
    assert str(caught.value).startswith(f"{broken}: ")
    assert "\n" not in str(caught.value)


def copied(folder: Path) -> Path:
    for path in LEVELS.rglob("*.toml"):
        target = folder / path.relative_to(LEVELS)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("course.toml", '"find-cats"', '"find-cats", "gone"', "lists microscope/gone.toml"),
        ("course.toml", '"find-cats"', '"find-cats", "find-cats"', "'find-cats' twice"),
        ("course.toml", '"steer-chocolate"', '"find-cats"', "'find-cats' twice"),
        ("course.toml", 'title = "Hunting"', "", "`chapters.2.title` is missing"),
        ("microscope/find-cats.toml", "minutes", 'needs = ["steer-chocolate"]\nminutes', "earlier"),
        ("hunting/stray.toml", "", "", "stray.toml: is in no chapter of course.toml"),
    ],
)
def test_course_and_files_match_both_ways(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    path = copied(tmp_path) / file
    text = path.read_text() if path.exists() else ""
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(AuthorError, match=message):
        Shelf.load(tmp_path)


# -- hunt ------------------------------------------------------------------------------------------
def test_a_version_is_of_what_decides_and_not_of_what_is_shown(cats: HuntLevel) -> None:
    told = [Shelf.load().told_in(language) for language in LANGUAGES]
    for level in told[0].levels:
        assert {each.level(level.id).version for each in told} == {level.version}
    assert len({level.version for level in told[0].levels}) == len(told[0].levels)
    assert cats.model_copy(update={"win": "Well done."}).version == cats.version
    harder = cats.goals[0].model_copy(update={"at_least": 0.99})
    for change in ({"sites": ("late",)}, {"goals": (harder,)}, {"concept": "dogs"}):
        assert cats.model_copy(update=change).version != cats.version


def test_the_detector_wins_and_shows_its_texts(bench: Bench, cats: HuntLevel) -> None:
    verdict = hunt.judge(cats, bench, Pick("late", CAT))
    assert (verdict.won, verdict.stars, verdict.auroc) == (True, 3, 1.0)
    assert (verdict.precision, verdict.recall, verdict.threshold) == (1.0, 1.0, 2.0)
    assert [text.about for text in verdict.texts] == [True] * 3 + [False] * 3
    assert verdict.texts[0].tokens == ("the", "cat", "sat")
    assert verdict.texts[0].values == (0.0, 2.0, 0.0)
    assert all(text.right for text in verdict.texts)
    assert verdict.best is not None
    assert Words().said(verdict.sentence).startswith("It works: shown one text about cats")
    assert "100 times in 100" in Words().said(verdict.sentence)
    assert hunt.judge(cats, bench, Pick("late", CAT), hints=3).stars == 2


def test_another_feature_loses(bench: Bench, cats: HuntLevel) -> None:
    verdict = hunt.judge(cats, bench, Pick("late", NOISE))
    # It fires in two texts about cats and in one other: 6 of 9 pairs, ties counted half.
    assert verdict.auroc == pytest.approx((2 * 2 + 2 * 0.5 + 1 * 0 + 2 * 0.5) / 9)
    assert (verdict.won, verdict.stars, verdict.best) == (False, 0, None)
    assert (verdict.precision, verdict.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert [text.right for text in verdict.texts] == [True, True, False, False, True, True]
    assert Words().said(verdict.goals[0].found) == "67 of 100"


def test_a_silent_feature_is_told_so(bench: Bench, cats: HuntLevel) -> None:
    verdict = hunt.judge(cats, bench, Pick("late", 9))
    assert (verdict.auroc, verdict.recall, verdict.precision) == (0.5, 0.0, 0.0)
    assert verdict.sentence == Message("hunt.stays_silent", count=6)


def test_texts_are_read_once(
    bench: Bench, cats: HuntLevel, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hunt.judge(cats, bench, Pick("late", CAT))
    monkeypatch.setattr(FakeEngine, "read", None)
    assert hunt.judge(cats, bench, Pick("late", CAT)) == first


# -- steer -----------------------------------------------------------------------------------------
def dialled(level: SteeringLevel, bench: Bench, feature: int, strength: float) -> Dial:
    (dial,) = steering.dials_of(level, bench.atlas, [Turn(Pick("late", feature), strength)])
    return dial


def test_the_recipe_wins_with_a_clear_lead(bench: Bench, chocolate: SteerLevel) -> None:
    (turn,) = chocolate.reference(bench.atlas)
    assert (turn.pick, turn.strength) == (Pick("late", COCOA), pytest.approx(0.8))
    verdict = played(chocolate, bench, (COCOA, 0.8))
    assert (verdict.won, verdict.stars) == (True, 3)
    assert verdict.measures == {"share": 1.0, "lead": 1.0}
    assert (verdict.decided, verdict.deciding, len(verdict.hits)) == (True, 2, 8)
    assert verdict.curve is not None
    assert verdict.curve.source == "atlas"
    assert [point.strength for point in verdict.curve.points] == [0.0, 0.5, 1.0]
    assert verdict.curve.own == CurvePoint(0.8, 1.0, 0.0, 1.0, 0.0, 0.0)
    assert [triple.seed for triple in verdict.triples] == [*range(8)]
    prompts = [*chocolate.prompts, *chocolate.prompts]
    assert [triple.prompt for triple in verdict.triples] == prompts
    assert Words().said(verdict.sentence).startswith("8 of 8 replies count")


@pytest.mark.parametrize(("feature", "strength"), [(COCOA, 0.0), (COCOA, 1.5), (CAT, 0.8)])
def test_nothing_too_much_and_another_feature_lose(
    bench: Bench, chocolate: SteerLevel, feature: int, strength: float
) -> None:
    assert not played(chocolate, bench, (feature, strength)).won


def test_events_come_in_order_and_baselines_are_written_once(
    bench: Bench, chocolate: SteerLevel
) -> None:
    engine = cast(FakeEngine, bench.engine)
    dial = dialled(chocolate, bench, COCOA, 0.8)
    kinds = [type(event).__name__ for event in steering.run(chocolate, bench, [dial])]
    assert kinds[0] == "Began"
    assert list(dict.fromkeys(kinds)) == ["Began", "Said", "Counted"]
    assert engine.written == 24
    assert [len(stream.traces()) for stream in engine.streams if stream.cancelled] == [3, 14]
    list(steering.run(chocolate, bench, [dial]))
    assert engine.written == 24 + 24 - 7  # the first triple is streamed again as a whole


def test_leaving_early_cancels(bench: Bench, chocolate: SteerLevel) -> None:
    dial = dialled(chocolate, bench, COCOA, 0.8)
    run = steering.run(chocolate, bench, [dial])
    next(run)
    next(run)
    run.close()
    (stream,) = cast(FakeEngine, bench.engine).streams
    assert stream.cancelled


def test_the_control_is_the_same_push_elsewhere(bench: Bench, chocolate: SteerLevel) -> None:
    dial = dialled(chocolate, bench, COCOA, 0.8)
    baseline, steered, control = triples.requests(bench.atlas, "Hello", (dial,), Sampling(seed=5))
    # An instruct model goes on with it, as any other does.
    assert baseline.plain and steered.plain and control.plain
    assert (baseline.dials, steered.dials) == ((), (dial,))
    assert control.dials[0].control is not None
    assert (control.dials[0].strength, control.dials[0].feature) == (0.8, COCOA)
    assert len({request.sampling for request in (baseline, steered, control)}) == 1
    ways = [
        triples.requests(bench.atlas, "Hello", (dial,), Sampling(), way)[2].dials
        for way in range(5)
    ]
    assert (len(set(ways)), ways[4]) == (4, ways[0])
    sorts = [way[0].control.sort for way in ways if way[0].control]
    assert sorts == ["feature", "random", "feature", "random", "feature"]


def test_a_dial_outside_the_level_is_refused(bench: Bench, chocolate: SteerLevel) -> None:
    for strength in (-0.1, 2.1, float("nan")):
        with pytest.raises(PlayerError, match=r"steering.strength\(low=0.0, high=2"):
            dialled(chocolate, bench, COCOA, strength)
    with pytest.raises(PlayerError, match=r"steering.sites\(count=2, sites=\('early', 'late'\)\)"):
        steering.dials_of(chocolate, bench.atlas, [Turn(Pick("middle", COCOA), 0.5)])
    with pytest.raises(PlayerError, match=r"steering.slots\(count=1\)"):
        played(chocolate, bench, (COCOA, 0.5), (CAT, 0.5))


def test_own_points_make_the_curve_of_an_unmeasured_feature(
    bench: Bench, chocolate: SteerLevel
) -> None:
    dial = dialled(chocolate, bench, CAT, 0.5)
    own, old = (CurvePoint(s, 0.0, 0.0, 0.0, 0.0, 0.0) for s in (0.5, 0.2))
    drawn = steering.curve(chocolate, bench.atlas, dial, own, [old])
    assert (drawn.source, drawn.points, drawn.own) == ("your attempts", (old, own), own)


# -- proofs ----------------------------------------------------------------------------------------
def test_check_passes_both_on_a_model_that_can(
    bench: Bench, cats: HuntLevel, chocolate: SteerLevel
) -> None:
    level = cats.model_copy(
        update={"solution": hunt.HuntSolution(write=("a cat",), take="best detector")}
    )
    for each in (level, chocolate):
        lines = {line.player: line for line in check(each, bench)}
        lines.pop("random")  # one feature in ten is the right one here: luck is likely
        assert all(line.passed for line in lines.values()), lines


def test_check_says_what_a_model_lacks(bench: Bench, cats: HuntLevel) -> None:
    (line,) = check(cats.model_copy(update={"sites": ("early",)}), bench)
    assert (line.passed, line.player) == (False, "reference")
    assert "no detector of 'cats' at early" in line.found


POCKET = ASSETS / "pocket"
shipped_only = pytest.mark.skipif(
    not (POCKET / "texts.parquet").exists(), reason="the atlas of pocket is not written yet"
)


@shipped_only
def test_texts_of_the_levels_are_balanced_and_short() -> None:
    texts = judging.load_texts(POCKET / "texts.parquet")
    assert len(texts) >= 60
    for concept, every in texts.items():
        assert len({text.text for text in every}) == len(every)
        assert all(text.part == examples.part_of(text.text) for text in every)
        for part in examples.SHARES:
            each = [text for text in every if text.part == part]
            assert sum(text.about for text in each) * 2 == len(each) == 48, (concept, part)
            assert sum(len(text.text.split()) for text in each) <= 48 * 130, (concept, part)


@shipped_only
def test_no_graded_text_stands_on_a_card() -> None:
    graded, shown, leaked = leaks(POCKET / "texts.parquet", POCKET / "atlas")
    assert (graded > 1000, shown > 50_000, leaked) == (True, True, 0)


@shipped_only
def test_no_level_tells_eight_words_in_a_row_of_a_graded_text() -> None:
    """Neither an example, nor a hint, nor its solution, in any language."""
    texts = judging.load_texts(POCKET / "texts.parquet")
    runs = Runs(text.text for each in texts.values() for text in each if text.part == "grade")
    files = sorted(LEVELS.rglob("*.toml"))
    assert len(files) > 100
    told = {path: list(strings(tomllib.loads(path.read_text("utf-8")))) for path in files}
    assert not [(path, text) for path, own in told.items() for text in own if runs.shared(text)]


def strings(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from strings(each)


def test_unreadable_texts_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "texts.parquet"
    for content in (None, b"no table"):
        if content:
            path.write_bytes(content)
        with pytest.raises(AuthorError, match=str(path)):
            judging.load_texts(path)
