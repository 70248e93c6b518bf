"""The game on the web: Gradio's server with our own doors before it, until somebody stops it. Draws
nothing."""

import importlib
import importlib.util
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import FrameType
from urllib.parse import urlsplit

import gradio as gr
from gradio.route_utils import CustomCORSMiddleware
from gradio.routes import App
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Scope

from playground.assets import Manifest
from playground.hosting import logs, snapshots, welcome
from playground.hosting.answers import Answers
from playground.hosting.gate import Admission, Gate, handlers
from playground.hosting.health import Health
from playground.hosting.metrics import Answered, Metrics
from playground.hosting.rates import Rates
from playground.hosting.signin import Provider, SignIn
from playground.screens import offers as opening
from playground.screens import sessions, site, theme
from playground.screens.previews import Previews
from playground.screens.stage import Offer
from playground.settings import Settings
from playground.text.language import LANGUAGES, SOURCE, Language
from playground.text.words import Words

# Has to be imported before torch, so here, at the top; it exists on Hugging Face Spaces only.
SPACES = importlib.import_module("spaces") if importlib.util.find_spec("spaces") else None


def lent() -> None:
    """Is never called: ZeroGPU starts no Space in which nothing asks for its GPU, and the models
    that do are loaded later (engine/lending.py)."""


LENT = SPACES.GPU(lent) if SPACES else lent


@dataclass(frozen=True)
class Watched:
    """What is known of a game that is served, for those who look after it."""

    metrics: Metrics
    health: Health

    @classmethod
    def of(cls, offers: Sequence[Offer]) -> "Watched":
        games = {each.name: each.game for each in offers}
        metrics = Metrics(lambda: {name: game.workload for name, game in games.items()})
        return cls(metrics, Health(games, metrics))


def serve(settings: Settings, offers: Sequence[Offer], manifest: Manifest) -> None:
    """Returns when the game was stopped. Raises AuthorError or EngineError where a model cannot be
    loaded."""
    signal.signal(signal.SIGTERM, stopped)
    watched, previews = Watched.of(offers), Previews(offers, settings.root_path)
    provider = Provider.of(settings)
    signin = SignIn(provider) if provider else None
    ways = signin.routes if signin else []
    app = site.build(offers, manifest, Rates(settings.rate), signin)
    try:
        app.launch(
            server_name=settings.host,
            server_port=settings.port,
            root_path=settings.root_path or None,
            prevent_thread_lock=True,
            app_kwargs={
                "routes": [*watched.health.routes, *previews.routes, *ways],
                "middleware": doors(settings, app, offers, watched, previews, ways),
                "lifespan": readied(app),
            },
            **theme.launch_options(),
        )
        print(welcome.told(settings), flush=True)
        for each in offers:  # its pages answer already
            each.game.ready()
        watched.health.opened = True
        app.block_thread()
    finally:
        for each in offers:
            each.game.close()


def doors(
    settings: Settings,
    app: gr.Blocks,
    offers: Sequence[Offer],
    watched: Watched,
    previews: Previews,
    ways: Sequence[Route] = (),
) -> list[Middleware]:
    """In the order in which a request passes them. ways: of signing in, where that is offered."""

    def note(answered: Answered) -> None:
        watched.metrics.note(answered)
        if settings.log == "json":
            logs.note(answered)

    first = theme.first()

    def into_head(scope: Scope) -> str:
        return first + previews.head(Words.of(spoken(scope.get("language", SOURCE))), scope)

    hosts = {settings.space_host, urlsplit(settings.root_path).netloc}
    admission = Admission(
        handlers(app.fns), Rates(settings.address_rate), slow, frozenset(filter(None, hosts)),
        frozenset(each.path for each in ways),
    )  # fmt: skip
    return [
        Middleware(
            Answers,
            frames=settings.frames,
            scripts=theme.scripts(),
            head=into_head,
            note=note,
        ),
        *site.served([each.place for each in offers])["middleware"],
        Middleware(Gate, admission=admission),
    ]


def slow(language: str, seconds: int) -> str:
    return Words.of(spoken(language))("site.slow", seconds=seconds)


def spoken(language: str) -> Language:
    return language if language in LANGUAGES else SOURCE


def readied(app: gr.Blocks) -> Callable[[App], AbstractAsyncContextManager[None]]:
    """What is to be set right in Gradio's server before it answers its first request."""

    @asynccontextmanager
    async def lifespan(server: App) -> AsyncIterator[None]:
        without_cors(server)
        sessions.keep_few(app, server)
        yield

    return lifespan


def without_cors(server: App) -> None:
    """Gradio lets every page of the web read what it answers to a browser that knows the game,
    wherever it does not run on localhost. The gate refuses those requests, and here the leave to
    read the refusal goes, too."""
    kept = [each for each in server.user_middleware if each.cls is not CustomCORSMiddleware]
    server.user_middleware[:] = kept
    server.middleware_stack = server.build_middleware_stack()


def stopped(number: int, frame: FrameType | None) -> None:
    """Told to stop, it closes what is open and waits for no browser."""
    raise SystemExit(0)


def open_and_serve(settings: Settings, manifest: Manifest) -> None:
    """All of it, from the progress to the last answer. Raises PlaygroundError."""
    logs.begin(settings.log)
    with snapshots.kept(settings):
        serve(settings, opening.opened(settings), manifest)
