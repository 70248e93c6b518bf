"""An import of Neuronpedia's export as it is asked for: model, site, folder or download."""

import gzip
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from playground import settings
from playground.atlas import __main__ as command
from playground.atlas import importing, tables
from playground.atlas.importing import Import
from playground.errors import AuthorError
from playground.models import registry
from tests import neuronpedia_export as export
from tests.neuronpedia_export import ALL, SOURCE, WIDTH, asked, explanation, imported, lines


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    return export.atlas_in(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export.write(tmp_path / "export", export.usual())
    return tmp_path / "export"


@pytest.fixture
def data(atlas: Path, tmp_path: Path) -> Path:
    """The data folder that has the atlas."""
    return tmp_path


# -- which model and site --------------------------------------------------------------------------
def test_the_site_is_found_by_its_source(data: Path, folder: Path) -> None:
    wanted = Import(SOURCE, folder=folder)
    for model in ("gpt2", "pocket"):  # the usual one does not use it, one other does
        found = importing.target_of(asked(data, model), wanted)
        assert (found.site, found.width) == ("early", WIDTH)
        assert found.atlas == registry.choose(asked(data)).atlas
    assert importing.run(asked(data), wanted).rows["explanations"] == 4


def test_a_source_that_an_atlas_names_is_found(data: Path, atlas: Path) -> None:
    meta = tables.read_json(atlas / tables.META)
    meta["sites"]["top"] = {"width": 8, "neuronpedia": "gpt2-small/11-res-jb"}
    tables.write_json(atlas / tables.META, meta)
    found = importing.target_of(asked(data), Import("gpt2-small/11-res-jb", model=True))
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
    wanted = Import(**{"source": SOURCE, "folder": folder, **change})  # pyright: ignore
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


# -- downloading -----------------------------------------------------------------------------------
def packed() -> dict[str, bytes]:
    files = export.usual().items()
    return {f"{SOURCE}/{name}": gzip.compress(each, mtime=0) for name, each in files}


def test_a_download_takes_the_files_of_the_source(data: Path, atlas: Path) -> None:
    other = {"gpt2-small/8-res-jb/explanations/batch-0.jsonl.gz": b"", f"{SOURCE}/model.jsonl": b""}
    with export.bucket(packed() | other) as bucket:
        report = importing.run(asked(data), Import(SOURCE, url=bucket.url))
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
        report = importing.run(asked(data), Import(SOURCE, url=bucket.url))
    assert (report.files, report.explained) == (7, 7)


def test_an_interrupted_download_leaves_nothing_half_and_goes_on(data: Path, atlas: Path) -> None:
    broken = f"v1/{SOURCE}/features/batch-0.jsonl.gz"
    with export.bucket(packed()) as bucket:
        bucket.broken.add(broken)
        with pytest.raises(AuthorError, match="was interrupted .* run the same command") as caught:
            importing.run(asked(data), Import(SOURCE, url=bucket.url))
        assert "\n" not in str(caught.value)
        assert bucket.asked.count(broken) == 3
        assert imported(atlas) == set()
        waiting = atlas.with_name("atlas.neuronpedia") / SOURCE
        got = {str(p.relative_to(waiting)): p for p in waiting.rglob("*") if p.is_file()}
        assert set(got) == {f"explanations/batch-{n}.jsonl.gz" for n in (0, 1)}
        assert got["explanations/batch-0.jsonl.gz"].read_bytes() == next(iter(packed().values()))
        bucket.broken.clear()
        bucket.asked.clear()
        importing.run(asked(data), Import(SOURCE, url=bucket.url))
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
        importing.run(asked(data), Import(SOURCE, url=bucket.url))
    assert "\n" not in str(caught.value)
    assert imported(atlas) == set()


def test_no_network_is_told_in_one_line(data: Path) -> None:
    with export.bucket({}) as bucket:
        url = bucket.url
    with pytest.raises(AuthorError, match=f"{url}: cannot be asked for {SOURCE}: ") as caught:
        importing.run(asked(data), Import(SOURCE, url=url))
    assert "\n" not in str(caught.value)
