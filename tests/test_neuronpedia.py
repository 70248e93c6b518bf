"""Neuronpedia's export: read, downloaded, shown, found; and asked for nothing unasked."""

import gzip
import json
import re
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from playground import registry, settings
from playground.atlas import __main__ as command
from playground.atlas import importing, neuronpedia, tables
from playground.atlas.cards import Explanation, Hit, Neuronpedia
from playground.atlas.importing import Wanted
from playground.atlas.neuronpedia import Target
from playground.atlas.store import Atlas
from playground.errors import AuthorError
from playground.levels.bench import Bench
from playground.levels.schema import Pick
from playground.looking import Looking
from playground.screens import card, parts, search
from playground.screens.words import Words
from tests import neuronpedia_export as export
from tests import test_atlas_store as atlas_files
from tests.neuronpedia_export import SOURCE, activation, explanation, feature, lines
from tests.test_screens import example_card

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Request, Route

WIDTH = atlas_files.ENTRIES
LISTED = '<section class="stack"><h3>What Neuronpedia says</h3>'


def asked(data: Path, model: str = "gpt2") -> settings.Settings:
    return replace(settings.load({}), model=model, data=data)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in which GPT-2 has an atlas of its sites early and late."""
    entries = [atlas_files.entry_row(s, n) for s in ("early", "late") for n in range(WIDTH)]
    atlas_files.write(registry.choose(asked(tmp_path)).atlas, entries)
    return tmp_path


@pytest.fixture
def atlas(data: Path) -> Path:
    return registry.choose(asked(data)).atlas


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export.write(tmp_path / "export", export.usual())
    return tmp_path / "export"


def target(atlas: Path, width: int = WIDTH) -> Target:
    return Target(SOURCE, atlas, "early", width)


def imported(atlas: Path) -> set[str]:
    return {path.name for path in atlas.glob("*neuronpedia*")}


ALL = {tables.neuronpedia_name(kind, "early") for kind in tables.NEURONPEDIA}


# -- reading -------------------------------------------------------------------------------------
def test_an_export_comes_back_feature_by_feature(atlas: Path, folder: Path) -> None:
    report = neuronpedia.convert(folder, target(atlas))
    assert report.rows == {"explanations": 4, "features": 4, "activations": 6}
    assert (report.files, report.damaged, report.explained) == (4, 0, 3)
    assert imported(atlas) == ALL
    opened = Atlas.open(atlas)
    told = opened.card("early", 1).neuronpedia
    assert told
    assert (told.source, told.index, told.frac_nonzero) == (SOURCE, 1, pytest.approx(0.0037))
    assert told.explanations == (
        Explanation("words about felines", "oai_token-act-pair", "gpt-4o-mini"),
        Explanation("purring", "oai_token-act-pair", "claude-4-5-haiku"),
    )
    strong, weak = told.activations
    assert (strong.maxValue, strong.tokens[-1], len(strong.tokens)) == (11.0, " kitten", 12)
    assert strong.maxValueTokenIndex == 11
    assert (weak.tokens[weak.maxValueTokenIndex], len(weak.tokens)) == (" cat", 24)
    assert weak.dataSource == "Neuronpedia"
    assert opened.card("early", 1).label == "label 1"  # the atlas' own stays first
    dots = opened.card("early", 10).neuronpedia
    assert dots
    assert [each.maxValue for each in dots.activations] == [7.0, 6.0, 5.0, 4.0]
    nobody = opened.card("early", 2).neuronpedia
    assert nobody
    assert nobody.explanations == (Explanation("the sea", "oai_token-act-pair", ""),)
    silent = opened.card("early", 3).neuronpedia
    assert silent == Neuronpedia(SOURCE, 3)


def test_what_is_packed_or_plain_and_where_it_lies_is_found(atlas: Path, tmp_path: Path) -> None:
    plain = tmp_path / "mirror" / "v1" / SOURCE / "explanations" / "batch-0.jsonl"
    plain.parent.mkdir(parents=True)
    plain.write_bytes(lines([explanation(5, "plain")]))
    plain.with_name(".batch-1.jsonl.gz.partial").write_bytes(b"half")
    report = neuronpedia.convert(tmp_path / "mirror", target(atlas))
    assert (report.files, report.rows["explanations"]) == (1, 1)
    assert report.rows["features"] == report.rows["activations"] == 0


def test_unknown_and_missing_fields_break_nothing(atlas: Path, tmp_path: Path) -> None:
    told = [
        {"index": 0, "description": "bare", "neverHeardOf": {"a": [1]}},
        {"index": "1"},
        {"index": "2", "description": None, "typeName": 3},
        {"index": "3", "description": 17},
        explanation(4, "scored") | {"scores": [{"value": 0.5}, {"value": 1}, {"value": "x"}, 3]},
        explanation(5, "odd scores") | {"scores": {"value": 1}},
        explanation(6, "half a pair \ud83d"),
        explanation(7, "long " * 1000),
    ]
    shares = [{"index": "0"}, feature(1, "often"), feature(2, float("nan")), feature(3, 10**400)]
    texts = [
        {"index": "0"},
        activation(1, "x", 1.0) | {"tokens": None},
        activation(1, "x", 1.0) | {"values": [1.0]},
        activation(1, "x", 1.0) | {"tokens": [1] * 128},
        {"index": "2", "tokens": ["a", "\udc00"], "values": [None, 2]},
    ]
    files = {"explanations": told, "features": shares, "activations": texts}
    export.write(
        tmp_path / "odd", {f"{kind}/batch-0.jsonl.gz": lines(each) for kind, each in files.items()}
    )
    report = neuronpedia.convert(tmp_path / "odd", target(atlas))
    assert report.damaged == 0
    assert report.rows == {"explanations": 5, "features": 0, "activations": 1}
    opened = Atlas.open(atlas)
    cards = [opened.card("early", n).neuronpedia for n in range(8)]
    first = [each.explanations[:1] for each in cards if each]
    assert first[0] == (Explanation("bare", "", ""),)
    assert [each[0].score for each in (first[4], first[5])] == [0.75, None]
    assert first[6][0].description == "half a pair ?"
    assert len(first[7][0].description) == neuronpedia.TEXT_LENGTH
    assert cards[2] and cards[2].activations[0].tokens == ("a", "?")


DAMAGE: dict[str, tuple[bytes, str]] = {
    "cut": (b'{"index": "1", "descr', "no JSON: "),
    "no object": (b'["index", 1]', "no JSON object"),
    "no text": (b'{"index": "1", "description": "\xff"}', "no JSON: "),
    "deep": (b"[" * 100_000, "no JSON: "),
    "no index": (b'{"description": "x"}', "no feature's number in `index`: 'None'"),
    "negative": (b'{"index": -1}', "no feature's number"),
    "a word": (b'{"index": "one"}', "no feature's number in `index`: 'one'"),
    "true": (b'{"index": true}', "no feature's number"),
    "endless": (b'{"index": "' + b"1" * 5000 + b'"}', "no feature's number"),
}


@pytest.mark.parametrize("fault", DAMAGE)
def test_a_damaged_line_is_told_with_file_and_line(atlas: Path, tmp_path: Path, fault: str) -> None:
    line, reason = DAMAGE[fault]
    good = [lines([explanation(n, f"good {n}")]) for n in range(2)]
    name = "explanations/batch-0.jsonl.gz"
    export.write(tmp_path / "hurt", {name: good[0] + b"\n" + line + b"\n" + good[1]})
    report = neuronpedia.convert(tmp_path / "hurt", target(atlas))
    assert (report.lines, report.damaged, report.rows["explanations"]) == (3, 1, 2)
    place = f"{tmp_path / 'hurt' / name}:3: "
    assert report.places[0].startswith(place + reason)
    assert "1 damaged lines were left out" in str(report)
    assert place in str(report)


def test_only_the_first_damaged_lines_are_listed(atlas: Path, tmp_path: Path) -> None:
    export.write(tmp_path / "hurt", {"features/batch-0.jsonl.gz": b"{\n" * 40})
    report = neuronpedia.convert(tmp_path / "hurt", target(atlas))
    assert report.damaged == 40
    assert len(report.places) == neuronpedia.DAMAGE_SHOWN
    assert len(str(report).splitlines()) == 2 + neuronpedia.DAMAGE_SHOWN


def test_a_line_without_an_end_is_passed_over(
    atlas: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neuronpedia, "LONGEST", 1000)
    endless = json.dumps({"index": "1", "description": "x" * 5000}).encode() + b"\n"
    short = b'{"index": "2", "description": "short"}\n'
    export.write(tmp_path / "hurt", {"explanations/batch-0.jsonl.gz": endless + short})
    report = neuronpedia.convert(tmp_path / "hurt", target(atlas))
    assert (report.damaged, report.rows["explanations"]) == (1, 1)
    assert report.places[0].endswith(":1: the line is too long")


@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_file_that_breaks_off_keeps_what_came_before(
    atlas: Path, tmp_path: Path, kept: float
) -> None:
    path = tmp_path / "hurt" / "explanations" / "batch-0.jsonl.gz"
    path.parent.mkdir(parents=True)
    packed = gzip.compress(lines(explanation(n, f"nr {n}") for n in range(2000)))
    path.write_bytes(packed[: int(kept * len(packed))])
    path.with_name("batch-1.jsonl.gz").write_bytes(gzip.compress(lines([explanation(9, "last")])))
    report = neuronpedia.convert(tmp_path / "hurt", target(atlas))
    assert 100 < report.rows["explanations"] < 2001
    assert "the file breaks off" in str(report.places)
    told = Atlas.open(atlas).card("early", 9).neuronpedia
    assert told
    assert told.explanations[-1].description == "last"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            explanation(WIDTH, "x"),
            f"batch-0.jsonl.gz:2: feature {WIDTH}, but the SAE of site early has {WIDTH} features",
        ),
        (explanation(0, "x") | {"layer": "8-res-jb"}, ":2: is of gpt2-small/8-res-jb, not of"),
        (explanation(0, "x") | {"modelId": "gemma-2-2b"}, ":2: is of gemma-2-2b/4-res-jb"),
    ],
)
def test_another_saes_export_is_refused_and_the_last_import_stays(
    atlas: Path, folder: Path, tmp_path: Path, row: dict[str, Any], message: str
) -> None:
    neuronpedia.convert(folder, target(atlas))
    before = {name: (atlas / name).read_bytes() for name in imported(atlas)}
    name = "explanations/batch-0.jsonl.gz"
    export.write(tmp_path / "other", {name: lines([explanation(1, "new"), row])})
    with pytest.raises(AuthorError, match=re.escape(message)) as caught:
        neuronpedia.convert(tmp_path / "other", target(atlas))
    assert "\n" not in str(caught.value)
    assert {name: (atlas / name).read_bytes() for name in imported(atlas)} == before


def test_a_folder_without_an_export_is_refused(atlas: Path, tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="no export of Neuronpedia lies here; expected expl"):
        neuronpedia.convert(tmp_path, target(atlas))


def test_reading_takes_little_memory_however_long_the_file(atlas: Path, tmp_path: Path) -> None:
    path = tmp_path / "long" / "explanations" / "batch-0.jsonl.gz"
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wb", compresslevel=1) as file:
        for n in range(20_000):
            file.write(lines([explanation(n % WIDTH, f"a text with the number {n}")]))
    tracemalloc.start()
    try:
        report = neuronpedia.convert(tmp_path / "long", target(atlas))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.rows["explanations"] == 20_000
    assert peak < 4 << 20  # all texts alone would be more


# -- the atlas -----------------------------------------------------------------------------------
def test_search_finds_what_neuronpedia_says(atlas: Path, folder: Path) -> None:
    assert Atlas.open(atlas).search("Felines") == []
    neuronpedia.convert(folder, target(atlas))
    opened = Atlas.open(atlas)
    assert [(hit.site, hit.index) for hit in opened.search("Felines")] == [("early", 1)]
    assert [hit.index for hit in opened.search("purr", "early")] == [1]
    assert opened.search("purr", "late") == []


def test_a_hit_says_where_the_query_was_found() -> None:
    words = Words.load()
    hit = Hit("early", 1, "cats", (" cat",), 0.1, ("words about <b>", "purring"))
    assert search.why(words, hit, " Purr ") == "Neuronpedia: purring"
    assert search.why(words, hit, "about") == "Neuronpedia: words about &lt;b&gt;"
    assert search.why(words, hit, "cat") == search.why(words, hit, "1") == "<code>cat</code> "


@pytest.mark.parametrize("fault", ["missing", "damaged"])
@pytest.mark.parametrize("kind", tables.NEURONPEDIA)
def test_a_damaged_import_is_named(atlas: Path, folder: Path, kind: str, fault: str) -> None:
    neuronpedia.convert(folder, target(atlas))
    path = atlas / tables.neuronpedia_name(kind, "early")
    if fault == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(AuthorError, match="damaged; import it again or remove it") as caught:
        Atlas.open(atlas)
    assert str(path) in str(caught.value)


def test_a_source_is_known_from_the_registry_or_the_atlas(atlas: Path) -> None:
    assert Atlas.open(atlas).card("early", 7).neuronpedia is None
    opened = Atlas.open(atlas, {"early": SOURCE, "late": ""})
    assert opened.card("early", 7).neuronpedia == Neuronpedia(SOURCE, 7)
    assert opened.card("late", 7).neuronpedia is None
    meta = tables.read_json(atlas / tables.META)
    meta["sites"]["late"]["neuronpedia"] = "a/b"
    tables.write_json(atlas / tables.META, meta)
    assert Atlas.open(atlas).card("late", 7).neuronpedia == Neuronpedia("a/b", 7)


def test_a_level_that_hides_labels_hides_neuronpedia_too() -> None:
    class Hiding(Looking):
        def _hides_labels(self, level: str | None) -> bool:
            return level is not None

    shown = replace(example_card(), neuronpedia=Neuronpedia(SOURCE, 7))
    sites = {"middle": SimpleNamespace(width=64)}
    bench: Any = SimpleNamespace(
        engine=SimpleNamespace(sites=sites), atlas=SimpleNamespace(card=lambda *_: shown)
    )
    looking = Hiding(cast(Bench, bench))
    assert looking.card(Pick("middle", 7)).neuronpedia
    assert looking.card(Pick("middle", 7), "hunt").neuronpedia is None


# -- which model and site ------------------------------------------------------------------------
def test_the_site_is_found_by_its_source(data: Path, folder: Path) -> None:
    wanted = Wanted(SOURCE, folder=folder)
    for model in ("gpt2", "pocket"):  # the usual one does not use it, one other does
        found = importing.target_of(asked(data, model), wanted)
        assert (found.site, found.width) == ("early", WIDTH)
        assert found.atlas == registry.choose(asked(data)).atlas
    assert importing.run(asked(data), wanted).rows["explanations"] == 4


def test_a_source_that_an_atlas_names_is_found(data: Path, atlas: Path) -> None:
    meta = tables.read_json(atlas / tables.META)
    meta["sites"]["top"] = {"width": 8, "neuronpedia": "gpt2-small/11-res-jb"}
    tables.write_json(atlas / tables.META, meta)
    found = importing.target_of(asked(data), Wanted("gpt2-small/11-res-jb", model=True))
    assert (found.site, found.width) == ("top", 8)


Change = Mapping[str, object]


@pytest.mark.parametrize(
    ("model", "change", "message"),
    [
        ("gpt2", {"source": "gpt2-small"}, "expected MODEL/SOURCE, such as gpt2-small/8-res-jb"),
        ("gpt2", {"source": "../../etc"}, "expected MODEL/SOURCE"),
        (
            "gpt2",
            {"source": "gpt2-small/5-res-jb"},
            "no SAE of the registry has this source; name its place with --model and --site. "
            "Did you mean gpt2-small/",
        ),
        (
            "gpt2",
            {"source": "gpt2-small/5-res-jb", "model": True},
            "no site of gpt2 has this SAE (early is gpt2-small/4-res-jb, "
            "late is gpt2-small/10-res-jb); name it with --site if one does",
        ),
        ("gpt2", {"site": "top"}, "--site top: the atlas of gpt2 has no such site; it has early"),
        (
            "gpt2",
            {"site": "late"},
            "--site late: this SAE of gpt2 is gpt2-small/10-res-jb on Neuronpedia, not "
            "gpt2-small/4-res-jb",
        ),
        (
            "gpt2",
            {"source": "gemma-2-2b/20-gemmascope-res-16k"},
            "its SAE is used for gemma-2-2b and gemma-2-2b-it; name one with --model",
        ),
        ("pocket", {"model": True}, "--model pocket: its atlas is shipped and sealed"),
        ("pythia-70m", {"model": True}, "missing; build it with `python -m playground.atlas"),
        ("gpt2", {"folder": Path("nowhere")}, "--folder nowhere: there is no such folder"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_sentence(
    data: Path, folder: Path, model: str, change: Change, message: str
) -> None:
    wanted = Wanted(**{"source": SOURCE, "folder": folder, **change})  # pyright: ignore
    with pytest.raises(AuthorError, match=re.escape(message)) as caught:
        importing.run(asked(data, model), wanted)
    assert "\n" not in str(caught.value)


def test_the_command_reports_or_says_one_sentence(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = asked(data, "pocket")
    monkeypatch.setattr(settings, "load", lambda: usual)
    command.main(["import", "--neuronpedia", SOURCE, "--folder", str(folder)])
    assert capsys.readouterr().out == (
        "read 18 lines of 4 files: kept 4 explanations, 4 features, 6 activations; 3 features have "
        "an explanation\n"
    )
    with pytest.raises(SystemExit, match="no such site"):
        command.main(["import", "--neuronpedia", SOURCE, "--site", "top"])


# -- downloading ---------------------------------------------------------------------------------
def packed() -> dict[str, bytes]:
    return {f"{SOURCE}/{name}": gzip.compress(each) for name, each in export.usual().items()}


def test_a_download_takes_the_files_of_the_source(data: Path, atlas: Path) -> None:
    other = {"gpt2-small/8-res-jb/explanations/batch-0.jsonl.gz": b"", f"{SOURCE}/model.jsonl": b""}
    with export.bucket(packed() | other) as bucket:
        report = importing.run(asked(data), Wanted(SOURCE, url=bucket.url))
    assert report.rows == {"explanations": 4, "features": 4, "activations": 6}
    assert [key for key in bucket.asked if key] == [f"v1/{key}" for key in packed()]
    assert imported(atlas) == ALL
    assert {path.name for path in atlas.parent.iterdir()} == {"atlas"}


def test_more_files_than_a_page_lists(data: Path) -> None:
    files = {
        f"{SOURCE}/explanations/batch-{n}.jsonl.gz": gzip.compress(
            lines([explanation(n, f"nr {n}")])
        )
        for n in range(7)
    }
    with export.bucket(files) as bucket:
        report = importing.run(asked(data), Wanted(SOURCE, url=bucket.url))
    assert (report.files, report.explained) == (7, 7)


def test_an_interrupted_download_leaves_nothing_half_and_goes_on(data: Path, atlas: Path) -> None:
    broken = f"v1/{SOURCE}/features/batch-0.jsonl.gz"
    with export.bucket(packed()) as bucket:
        bucket.broken.add(broken)
        with pytest.raises(AuthorError, match="was interrupted .* run the same command") as caught:
            importing.run(asked(data), Wanted(SOURCE, url=bucket.url))
        assert "\n" not in str(caught.value)
        assert bucket.asked.count(broken) == 3
        assert imported(atlas) == set()
        waiting = atlas.with_name("atlas.neuronpedia") / SOURCE
        got = {str(p.relative_to(waiting)): p for p in waiting.rglob("*") if p.is_file()}
        assert set(got) == {f"explanations/batch-{n}.jsonl.gz" for n in (0, 1)}
        assert got["explanations/batch-0.jsonl.gz"].read_bytes() == next(iter(packed().values()))
        bucket.broken.clear()
        bucket.asked.clear()
        importing.run(asked(data), Wanted(SOURCE, url=bucket.url))
        assert not [key for key in bucket.asked if "explanations" in key]
    assert imported(atlas) == ALL
    assert not waiting.exists()


def test_an_unknown_source_is_told_in_one_line(data: Path, atlas: Path) -> None:
    with (
        export.bucket({"gpt2-small/4-res-jb-2/features/batch-0.jsonl.gz": b""}) as bucket,
        pytest.raises(
            AuthorError, match="no export of it; did you mean gpt2-small/4-res-jb-2?"
        ) as caught,
    ):
        importing.run(asked(data), Wanted(SOURCE, url=bucket.url))
    assert "\n" not in str(caught.value)
    assert imported(atlas) == set()


def test_no_network_is_told_in_one_line(data: Path) -> None:
    with export.bucket({}) as bucket:
        url = bucket.url
    with pytest.raises(AuthorError, match=f"{url}: cannot be asked for {SOURCE}: ") as caught:
        importing.run(asked(data), Wanted(SOURCE, url=url))
    assert "\n" not in str(caught.value)


# -- the card ------------------------------------------------------------------------------------
def drawn(told: Neuronpedia | None, words: Words | None = None) -> str:
    shown = replace(example_card(), neuronpedia=told)
    return card.draw(words or Words.load(), shown, "cats", [])


TOLD = Neuronpedia(
    SOURCE,
    7,
    (
        Explanation("words about <felines>", "oai", "gpt-4o-mini", 0.784),
        Explanation("cats", "", ""),
    ),
    example_card().activations,
    0.0037,
)


def test_a_card_shows_explanations_with_their_author() -> None:
    html = drawn(TOLD)
    assert LISTED in html
    assert "<q>words about &lt;felines&gt;</q>" in html
    assert "says Neuronpedia, by gpt-4o-mini · score 78 of 100" in html
    assert "says Neuronpedia, without an author" in html
    assert "In its texts it fires on 0.37 % of the tokens." in html
    assert "Texts of Neuronpedia where it fires" in html
    assert "говорит Neuronpedia, автор: gpt-4o-mini" in drawn(TOLD, Words.of("ru"))


def test_a_card_without_an_import_has_the_link_alone() -> None:
    html = drawn(Neuronpedia(SOURCE, 7))
    assert f'href="https://www.neuronpedia.org/{SOURCE}/7"' in html
    assert "<q>" not in html
    assert "Texts of Neuronpedia" not in html
    assert "neuronpedia" not in drawn(None).lower()


def test_a_card_asks_nothing_by_itself() -> None:
    html = drawn(TOLD)
    (link,) = re.findall(r'<a [^>]*href="https:[^>]*>', html)
    assert 'target="_blank"' in link
    assert 'rel="noopener noreferrer"' in link
    assert not re.search(r"<(iframe|img|script|link|embed|object)\b", html)
    assert " src=" not in html
    (frame,) = re.findall(r"data-frame=\"([^\"]*)\"", html)
    assert frame.startswith(f"https://www.neuronpedia.org/{SOURCE}/7?embed=true")
    assert html.index("This asks neuronpedia.org") < html.index("data-frame")


PAGE = """<!doctype html><title>card</title><div id="board">{card}</div><script>
const element = document.querySelector('#board');
const trigger = () => {{}}, watch = () => {{}};
{touch}
</script>"""


@pytest.mark.browser
def test_a_browser_asks_neuronpedia_only_after_the_click(browser: "Browser") -> None:
    sent: list[Request] = []

    def answer(route: "Route") -> None:
        sent.append(route.request)
        own = route.request.url == "http://game.test/feature"
        body = PAGE.format(card=drawn(TOLD), touch=parts.TOUCH) if own else "<p>theirs</p>"
        route.fulfill(body=body, content_type="text/html")

    page = browser.new_page()
    page.route("**/*", answer)
    page.goto("http://game.test/feature", wait_until="networkidle")
    page.get_by_text("Show its page here").click()
    assert page.get_by_text("This asks neuronpedia.org").is_visible()
    assert [each.url for each in sent] == ["http://game.test/feature"]
    page.get_by_role("button", name="Load from neuronpedia.org").click()
    page.frame_locator("iframe").get_by_text("theirs").wait_for()
    (asked_for,) = sent[1:]
    assert asked_for.url.startswith(f"https://www.neuronpedia.org/{SOURCE}/7?embed=true")
    assert "referer" not in asked_for.all_headers()
    frame = page.locator("iframe")
    assert frame.get_attribute("title") == "Feature 7 on neuronpedia.org"
    assert frame.get_attribute("referrerpolicy") == "no-referrer"
    page.close()
