"""The files by which the game is hosted elsewhere say nothing that the game does not know; where no
Docker runs they can be read all the same."""

import json
import re
from pathlib import Path

import pytest
import yaml

from playground.hosting.space import PARTS
from playground.settings import PREFIX, Settings
from tests.served import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
HOSTING = ROOT / "docs" / "hosting"
FILES = (
    ROOT / "Dockerfile", ROOT / "compose.yaml", ROOT / "docs" / "hosting.md",
    *sorted(HOSTING.iterdir()),
)  # fmt: skip


def known() -> set[str]:
    """Variables that the settings read."""
    fields = Settings.model_fields
    names = {str(each.validation_alias or PREFIX + name.upper()) for name, each in fields.items()}
    return {name for name in names if name.startswith(PREFIX)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_is_one_that_the_game_reads(path: Path) -> None:
    named = set(re.findall(r"PLAYGROUND_[A-Z_]+", path.read_text(encoding="utf-8")))
    assert named <= known()


def test_readme_names_every_variable() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [name for name in sorted(known()) if f"`{name}`" not in readme]


def test_an_image_holds_what_a_space_holds() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE)
    named = {name for line in copied for name in line.split()}
    assert named == {*PARTS, "requirements.txt"}
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name in named:
        assert f"!{name}" in let_in or f"!{name}/**" in let_in, name


def test_an_image_runs_as_nobody_and_says_how_it_is() -> None:
    lines = DOCKERFILE.splitlines()
    assert lines.index("USER user") < lines.index('CMD ["python", "app.py"]')
    check = re.search(r"HEALTHCHECK .*\\\n +CMD (\[.*\])", DOCKERFILE)
    assert check
    python, option, code = json.loads(check[1])
    assert (python, option) == ("python", "-c") and "7860/readyz" in code
    compile(code, "HEALTHCHECK", "exec")


def test_compose_waits_for_its_database_and_tells_nobody_its_password() -> None:
    game, progress = COMPOSE["services"]["game"], COMPOSE["services"]["progress"]
    assert game["depends_on"]["progress"]["condition"] == "service_healthy"
    assert "pg_isready" in progress["healthcheck"]["test"]
    assert "ports" not in progress
    for each in (
        game["environment"]["PLAYGROUND_DB"],
        progress["environment"]["POSTGRES_PASSWORD"],
    ):
        assert "${POSTGRES_PASSWORD:?" in each


def test_a_unit_may_write_to_its_own_folders_alone() -> None:
    unit = (HOSTING / "steering-playground.service").read_text(encoding="utf-8")
    for line in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"):
        assert line in unit.splitlines()


def test_a_proxy_waits_for_no_buffer() -> None:
    proxy = (HOSTING / "nginx.conf").read_text(encoding="utf-8")
    assert "proxy_buffering off;" in proxy and "proxy_set_header Host $host;" in proxy
    assert proxy.count("{") == proxy.count("}")
