from pathlib import Path

import pytest

from playground import assets
from playground.errors import AuthorError

START = """
[parts."pocket/model"]
folder = "pocket/model"
recipe = "make pocket"
licence = "Apache-2.0"
figures = { loss = 0.5, tokens = 30, note = 'say "cat"', "share.dead" = 0.01 }

[parts.texts]
folder = "pocket/texts.parquet"
recipe = "make texts"
licence = "Apache-2.0"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sealed assets of three files."""
    (tmp_path / "pocket" / "model").mkdir(parents=True)
    (tmp_path / "pocket" / "model" / "config.json").write_text("{}")
    (tmp_path / "pocket" / "model" / "weights").write_bytes(bytes(1000))
    (tmp_path / "pocket" / "texts.parquet").write_bytes(b"cats")
    (tmp_path / assets.MANIFEST).write_text(START)
    assets.seal(tmp_path)
    return tmp_path


def test_a_sealed_folder_verifies_and_keeps_what_was_written(folder: Path) -> None:
    manifest = assets.verify(folder)
    model = manifest.parts["pocket/model"]
    assert list(model.files) == ["pocket/model/config.json", "pocket/model/weights"]
    assert model.files["pocket/model/weights"].size == 1000
    assert model.figures == {"loss": 0.5, "tokens": 30, "note": 'say "cat"', "share.dead": 0.01}
    assert list(manifest.parts["texts"].files) == ["pocket/texts.parquet"]
    before = (folder / assets.MANIFEST).read_bytes()
    assert assets.seal(folder) == manifest
    assert (folder / assets.MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "the file is missing; .*git restore weights.*make pocket"),
        (bytes(999), "damaged, 999 bytes instead of 1000; .*make pocket"),
        (bytes(999) + b"!", "damaged, its sha256 is not the manifest's; .*make pocket"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
    ],
)
def test_a_bad_file_is_named_with_the_way_back(
    folder: Path, content: bytes | None, message: str
) -> None:
    path = folder / "pocket" / "model" / "weights"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(AuthorError, match=message) as caught:
        assets.verify(folder)
    assert str(caught.value).startswith(f"{path}: ")


def test_no_manifest_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="MANIFEST.toml: cannot be opened"):
        assets.verify(tmp_path)
    (tmp_path / assets.MANIFEST).write_text(START)
    with pytest.raises(AuthorError, match="parts.pocket/model.folder"):
        assets.seal(tmp_path)


def test_a_file_too_large_for_a_space_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "MAX_FILE", 999)
    with pytest.raises(AuthorError, match="weights: 1000 bytes; at most 999"):
        assets.seal(folder)
