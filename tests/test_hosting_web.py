"""What the web can do to the game, over real HTTP: who is let in, what is answered, with which
headers, and that nothing anybody sends makes it stumble."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from playground.engine.records import Dial, Sampling
from playground.game import share
from playground.game.share import Sandbox
from playground.hosting.gate import MAX_BODY
from playground.hosting.policy import digest
from tests.fuzz import DIRECT, JOIN, Calls, called, event
from tests.load.tab import Tab
from tests.served import ROOT, Served, free_port, needs_model, served

ELSEWHERE = "https://elsewhere.example"

pytestmark = needs_model


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    database = tmp_path_factory.mktemp("web") / "progress.db"
    with served(database, PLAYGROUND_LOG="json", PLAYGROUND_ADDRESS_RATE="0") as running:
        yield running


@pytest.fixture(scope="module")
def web(game: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=game.address, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def config(web: httpx.Client) -> dict[str, Any]:
    return web.get("config").json()


# -- who may ask -----------------------------------------------------------------------------------
@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://127.0.0.1:1", "file://"])
def test_a_page_from_elsewhere_is_refused_and_may_not_read_why(
    web: httpx.Client, origin: str
) -> None:
    for method, path in (("GET", ""), ("POST", JOIN), ("POST", DIRECT), ("GET", "readyz")):
        answer = web.request(method, path, headers={"Origin": origin})
        assert answer.status_code == 403, (method, path)
        assert not [name for name in answer.headers if name.startswith("access-control")]
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    before = web.request("OPTIONS", JOIN, headers=asked)
    assert before.status_code == 403
    assert not [name for name in before.headers if name.startswith("access-control")]


def test_a_page_of_the_game_is_let_in(game: Served, web: httpx.Client) -> None:
    own = {"Origin": game.address.rstrip("/")}
    assert web.get("", headers=own).status_code == 200
    assert web.post(DIRECT, json=event(), headers=own).status_code in (400, 404)  # not 403


def test_nobody_can_say_where_the_game_is(game: Served, web: httpx.Client) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Gradio-Server": "https://evil.example",
        "X-Direct-Url": "https://evil.example",
    }
    for path in ("", "hunt", "ru/", "config"):
        answer = web.get(path, headers=forged)
        assert answer.status_code == 200 and "evil.example" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "gradio_api/upload"),
        ("GET", "gradio_api/upload_progress?upload_id=a"),
        ("POST", "gradio_api/call/opened"),
        ("POST", "gradio_api/call/v2/opened"),
        ("POST", "gradio_api/api/opened"),
        ("POST", "gradio_api/run/opened"),
        ("GET", "gradio_api/file=/etc/passwd"),
        ("GET", "gradio_api/file/etc/passwd"),
        ("GET", "gradio_api/proxy=http://127.0.0.1"),
        ("GET", "gradio_api/deep_link"),
        ("POST", "gradio_api/component_server"),
        ("POST", "gradio_api/reset"),
        ("GET", "gradio_api/openapi.json"),
        ("POST", "gradio_api/vibe-edit"),
        ("GET", "gradio_api/vibe-code"),
        ("POST", "gradio_api/process_recording"),
        ("GET", "gradio_api/stream/a/b/1/playlist.m3u8"),
        ("GET", "ru/gradio_api/call/opened"),
        ("POST", "login"),
        ("GET", "logout"),
        ("GET", "login/huggingface"),
        ("GET", "login/callback?code=a&state=b"),
        ("GET", "monitoring"),
        ("GET", "monitoring/summary"),
        ("POST", ""),
        ("PUT", "hunt"),
        ("DELETE", "gradio_api/queue/join"),
    ],
)
def test_what_no_page_asks_for_is_not_there(web: httpx.Client, method: str, path: str) -> None:
    body = {"files": ("a.txt", b"x" * 5000)} if path.endswith("upload") else None
    answer = web.request(method, path, files=body)
    assert answer.status_code in (404, 405), answer.text


# -- what may be sent ------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [JOIN, DIRECT])
@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[" * 100_000, "body"),
        (b"{}", "data"),
        (b'{"data": []}', "fn_index"),
        (json.dumps(event(fn_index="0")).encode(), "fn_index"),
        (json.dumps(event(fn_index=10**6)).encode(), "no handler 1000000"),
        (json.dumps(event(fn_index=-1)).encode(), "no handler -1"),
        (json.dumps(event(session_hash=None)).encode(), "session_hash"),
        (json.dumps(event(session_hash="../a")).encode(), "session_hash"),
        (json.dumps(event(data=[0] * 65)).encode(), "data"),
        (json.dumps(event(trigger_id="x")).encode(), "trigger_id"),
        (json.dumps(event(data=[{"a": [10**30]}])).encode(), "too large"),
        (b'{"data": ["\xff"]}', "body"),
    ],
)
def test_a_call_that_no_page_would_make_is_told_what_is_wrong(
    web: httpx.Client, path: str, body: bytes, says: str
) -> None:
    answer = web.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 404), answer.text
    assert says in answer.json()["detail"]


def test_what_happens_in_the_browser_alone_is_not_asked_for(
    web: httpx.Client, config: dict[str, Any]
) -> None:
    scripts = [each for each in config["dependencies"] if not called(each)]
    assert scripts
    for each in scripts[:5]:
        fit = event(fn_index=each["id"], data=[None] * len(each["inputs"]))
        assert {web.post(way, json=fit).status_code for way in (JOIN, DIRECT)} == {404}


def test_every_handler_has_its_way_and_its_number_of_values(
    web: httpx.Client, config: dict[str, Any]
) -> None:
    for each in filter(called, config["dependencies"]):
        right, wrong = (JOIN, DIRECT) if each["queue"] else (DIRECT, JOIN)
        few = event(fn_index=each["id"], data=[None] * (len(each["inputs"]) + 1))
        assert web.post(right, json=few).status_code == 400
        fit = event(fn_index=each["id"], data=[None] * len(each["inputs"]))
        assert web.post(wrong, json=fit).status_code == 404


def test_a_request_has_an_end(game: Served, web: httpx.Client) -> None:
    assert web.post(JOIN, content=b"x" * (MAX_BODY + 1)).status_code == 413
    # Said to be short, or not said at all.
    chunks = (b"x" * 65536 for _ in range(MAX_BODY // 65536 + 2))
    assert web.post(DIRECT, content=chunks).status_code == 413
    assert web.get("healthz").status_code == 200


FUZZED = int(os.environ.get("FUZZED", "150"))


def test_nothing_that_is_sent_makes_the_server_stumble(
    web: httpx.Client, config: dict[str, Any]
) -> None:
    """Any value where a page sends its own, to every handler: the first of the calls that
    `python -m tests.fuzz` makes by the thousand. What a handler cannot do is a sentence to the
    player."""
    calls = Calls.of(config)
    wrong = [said for number in range(FUZZED) if (said := calls.made(web, number)[1])]
    assert not wrong
    assert web.get("healthz").status_code == 200


# -- what is answered ------------------------------------------------------------------------------
def policy(answer: httpx.Response) -> dict[str, str]:
    parts = answer.headers["content-security-policy"].split("; ")
    return {name: allowed for name, _, allowed in (part.partition(" ") for part in parts)}


def test_every_answer_has_the_headers(web: httpx.Client) -> None:
    for path in ("", "ru/hunt", "nowhere", "theme.css", "healthz", "gradio_api/upload", "ru"):
        headers = web.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "x-frame-options" not in headers  # a Space shows the game in a frame
        assert "set-cookie" not in headers


def test_a_script_needs_the_nonce_of_its_answer(web: httpx.Client) -> None:
    first, second = web.get(""), web.get("")
    rules = policy(first)
    assert "'unsafe-inline'" not in rules["script-src"]
    assert rules["default-src"] == "'none'" and rules["frame-ancestors"] == "'self'"
    nonce = re.search(r"'nonce-([\w-]{20,})'", rules["script-src"])
    assert nonce and nonce[1] not in second.headers["content-security-policy"]
    assert f"<script nonce={nonce[1]}" in first.text
    own = re.findall(r"<script>(.*?)</script>", first.text, re.DOTALL)  # ours, known to the letter
    assert [digest(each) in rules["script-src"] for each in own] == [True]
    assert len(re.findall(r"<script(?! nonce=)[\s>]", first.text)) == len(own)


def test_a_shared_link_shows_the_game(web: httpx.Client) -> None:
    for path, says in (("hunt", "Look inside a small language model"), ("ru/hunt", "Загляни")):
        page = web.get(path).text
        titles = re.findall(r'<meta property="og:title" content="([^"]*)">', page)
        assert titles == ["Steering Playground"]
        assert f'<meta property="og:description" content="{says}' in page
        assert "Click to try out" not in page and "githubusercontent" not in page


def test_files_that_never_change_are_kept(web: httpx.Client) -> None:
    page = web.get("").text
    files = re.findall(r'(?:src|href)="\./((?:assets|static)/[^"]+\.(?:js|css))"', page)
    assert files
    for name in files[:3]:
        assert "immutable" in web.get(name).headers["cache-control"]
    assert web.get("").headers["cache-control"] == "no-cache"


# -- how often -------------------------------------------------------------------------------------
def test_an_address_that_asks_too_often_is_told_when_to_come_back(
    tmp_path: Path,
) -> None:
    with (
        served(tmp_path / "p.db", PLAYGROUND_ADDRESS_RATE="60", PLAYGROUND_RATE="4") as game,
        httpx.Client(base_url=game.address, timeout=60) as web,
    ):
        tab = Tab(game.address, "sandbox")
        statuses = [web.get("").status_code for _ in range(60)]
        assert statuses.count(429) >= 20 and statuses[0] == 200
        refused = web.get("ru/")
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
        assert "С твоего адреса" in refused.json()["detail"]
        assert web.get("theme.css").status_code == 200  # files cost nobody anything
        # A visitor whom a trusted proxy names is somebody else.
        other = web.get("", headers={"X-Forwarded-For": "203.0.113.9"})
        assert other.status_code == 200
        tab.close()


def test_a_port_that_is_taken_is_said_before_a_model_is_loaded() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        ran = subprocess.run(
            [sys.executable, "-X", "importtime", "app.py"],
            cwd=ROOT,
            text=True,
            capture_output=True,
            env={**os.environ, "PLAYGROUND_PORT": str(port)},
        )
    assert ran.returncode == 1
    lines = [each for each in ran.stderr.splitlines() if not each.startswith("import time:")]
    assert len(lines) == 1 and f"PLAYGROUND_PORT={port}" in lines[0], lines
    assert f"PLAYGROUND_PORT={port + 1}" in lines[0]
    assert not re.search(r"\| +(gradio|torch)$", ran.stderr, re.MULTILINE)


# -- what is written down --------------------------------------------------------------------------
def test_health_and_figures(game: Served, web: httpx.Client) -> None:
    assert web.get("healthz").text == "alive\n"
    while (ready := web.get("readyz")).status_code == 503:  # a test's wait, see standstill.py
        assert ready.json() == {"ready": False, "wrong": {"pocket": "loading"}}
        time.sleep(0.2)
    assert ready.json() == {"ready": True, "wrong": {}}
    figures = web.get("metrics").text
    assert 'playground_replies_total{model="pocket"}' in figures
    assert "playground_ready 1.0" in figures
    assert re.search(r'playground_answers_total\{kind="page",status="200"\} [1-9]', figures)
    assert 'playground_first_token_seconds_bucket{le="+Inf",model="pocket"}' in figures


def test_a_client_that_vanishes_leaves_nothing_running(game: Served, web: httpx.Client) -> None:
    while web.get("readyz").status_code != 200:  # a test's wait, see standstill.py
        time.sleep(0.2)
    long = Sampling(max_tokens=200, stop_at_end=False)
    code = share.encode(Sandbox("The cat", (Dial("late", 0, 0.5),), long))
    tab = Tab(game.address, "sandbox", s=code)
    tab.load()
    tab.beat()
    tab.set("prompt", "The cat")
    next(tab.fire("write", "click"))
    tab.close()
    while running(web):
        time.sleep(0.1)
    assert "playground_ready 1.0" in web.get("metrics").text


def running(web: httpx.Client) -> float:
    figures = web.get("metrics").text
    names = ("rows_running", "rows_waiting")
    return sum(
        float(found[1])
        for name in names
        if (found := re.search(rf'playground_{name}{{model="pocket"}} ([\d.]+)', figures))
    )


def test_the_log_holds_no_text_name_or_key(game: Served, web: httpx.Client) -> None:
    tab = Tab(game.address, "feature", secret_query="Zaubernuss")
    tab.load()
    key = tab.stored["steering-playground-player"]
    assert isinstance(key, str) and len(key) > 20
    tab.close()
    web.post(DIRECT, json=event(data=["Zaubernuss"], session_hash="Zaubernuss"))
    web.get("hunt?level=Zaubernuss")
    log = game.log()
    assert "Zaubernuss" not in log and key not in log and "127.0.0.1" not in log
    lines = [json.loads(each) for each in log.splitlines() if each.startswith('{"at"')]
    seen = [each for each in lines if each["says"] == "answered"]
    assert {"kind", "method", "status", "ms"} <= seen[-1].keys()
