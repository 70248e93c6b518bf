"""A small hub on this machine: the endpoints that huggingface_hub asks for models, and the ways in
which a real one fails."""

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from huggingface_hub import constants

API = re.compile(r"^/api/models/([^/]+/[^/]+)(?:/(revision|tree|paths-info)/([^/]+)(?:/(.+))?)?$")
FILE = re.compile(r"^/([^/]+/[^/]+)/resolve/([^/]+)/(.+)$")
TOKEN = "hf_good"


@dataclass
class Repo:
    """files: by path. gated: only TOKEN may read files. told: sizes that are told instead of the
    true ones. cut: files of which only so many bytes come before the connection breaks."""

    files: dict[str, bytes]
    gated: bool = False
    told: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)

    @property
    def commit(self) -> str:
        return hashlib.sha1(repr(sorted(self.files)).encode()).hexdigest()

    def size(self, name: str) -> int:
        return self.told.get(name, len(self.files[name]))


class Hub:
    """asked: the files whose content was sent, in order. slow: seconds between blocks of 64 KiB.
    mend: whether a connection that broke once holds from then on. status: what every request is
    answered with instead, 0 for none."""

    def __init__(self, endpoint: str, cache: Path) -> None:
        self.endpoint = endpoint
        self.cache = cache
        self.repos: dict[str, Repo] = {}
        self.asked: list[str] = []
        self.slow = 0.0
        self.mend = False
        self.status = 0

    def add(self, repo: str, *folders: Path, under: str = "", gated: bool = False) -> Repo:
        """Serves what folders hold; `under` puts them into a folder of the repository."""
        files = {
            f"{under}{path.relative_to(folder)}": path.read_bytes()
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        known = self.repos.setdefault(repo, Repo({}, gated))
        known.files |= files
        return known


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests look at `asked`."""

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.answer(body=True, given=self.rfile.read(length))

    def answer(self, body: bool, given: bytes = b"") -> None:
        path = unquote(urlsplit(self.path).path)
        api, file = API.match(path), FILE.match(path)
        if self.hub.status:
            self.fail(self.hub.status, "")
        elif api:
            self.describe(api, given)
        elif file:
            self.send_file(file[1], file[2], file[3], body)
        else:
            self.fail(404, "")

    def fail(self, status: int, code: str, message: str = "") -> None:
        self.send_response(status)
        if message:
            self.send_header("X-Error-Message", message)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def found(self, name: str, revision: str) -> Repo | None:
        """Says itself why there is none."""
        repo = self.hub.repos.get(name)
        token = self.headers.get("Authorization")
        if token not in (None, f"Bearer {TOKEN}", "Bearer hf_stranger"):
            self.fail(401, "", "Invalid credentials in Authorization header")
        elif repo is None:
            self.fail(401 if token is None else 404, "RepoNotFound")
        elif revision not in ("main", repo.commit):
            self.fail(404, "RevisionNotFound")
        else:
            return repo
        return None

    def describe(self, asked: re.Match[str], given: bytes) -> None:
        repo = self.found(asked[1], asked[3] or "main")
        if repo is None:
            return
        entries = [
            {"type": "file", "path": name, "size": repo.size(name), "oid": "0" * 40}
            for name in repo.files
        ]
        match asked[2]:
            case "tree":
                told: object = [each for each in entries if below(each["path"], asked[4])]
            case "paths-info":
                wanted = parse_qs(given.decode())["paths"]
                folders = {name.rpartition("/")[0] for name in repo.files}
                told = [each for each in entries if each["path"] in wanted] + [
                    {"type": "directory", "path": path, "oid": "0" * 40}
                    for path in wanted
                    if any(below(f"{folder}/", path) for folder in folders)
                ]
            case _:
                siblings = [{"rfilename": n, "size": repo.size(n)} for n in repo.files]
                gated = "manual" if repo.gated else False
                told = {
                    "id": asked[1], "sha": repo.commit, "gated": gated, "siblings": siblings
                }  # fmt: skip
        content = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def send_file(self, name: str, revision: str, path: str, body: bool) -> None:
        repo = self.found(name, revision)
        if repo is None:
            return None
        token = self.headers.get("Authorization")
        if repo.gated and token != f"Bearer {TOKEN}":
            return self.fail(401 if token is None else 403, "GatedRepo")
        if path not in repo.files:
            return self.fail(404, "EntryNotFound")
        content, start = repo.files[path], 0
        if match := re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            start = int(match[1])
            content = content[: int(match[2]) + 1] if match[2] else content
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", repo.commit)
        self.send_header("ETag", f'"{hashlib.sha256(repo.files[path]).hexdigest()}"')
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if body:
            self.hub.asked.append(path)
            self.send_slowly(content[start : repo.cut.get(path)])
            if path in repo.cut:
                self.close_connection = True
                if self.hub.mend:
                    del repo.cut[path]
        return None

    def send_slowly(self, content: bytes) -> None:
        for start in range(0, len(content), 1 << 16):
            self.wfile.write(content[start : start + (1 << 16)])
            time.sleep(self.hub.slow)


def below(path: object, folder: str | None) -> bool:
    return not folder or str(path).startswith(f"{folder}/")


@contextmanager
def serving(cache: Path) -> Iterator[Hub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub = Hub(f"http://127.0.0.1:{server.server_port}", cache)
    server.RequestHandlerClass = type("Answering", (Handler,), {"hub": hub})
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def local_hub(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Within, huggingface_hub asks this one, and keeps its files in an empty cache."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with serving(folder / "cache") as hub:
        point_at(monkeypatch, hub.endpoint, hub.cache)
        yield hub


def point_at(monkeypatch: pytest.MonkeyPatch, endpoint: str, cache: Path) -> None:
    """What HF_HUB_OFFLINE=0, HF_ENDPOINT and HF_HUB_CACHE do; read once, at the import."""
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(cache.with_name("token")))


def unfinished(hub: Hub) -> list[str]:
    """What a cache should never hold: parts of files, files that differ from the hub's, links to
    nothing."""
    found = [str(path) for path in hub.cache.rglob("*.incomplete")]
    for name, repo in hub.repos.items():
        snapshots = hub.cache / f"models--{name.replace('/', '--')}" / "snapshots"
        for path in snapshots.rglob("*"):
            if path.is_symlink() or path.is_file():
                inside = str(path.relative_to(snapshots).as_posix()).partition("/")[2]
                if not path.exists() or path.read_bytes() != repo.files[inside]:
                    found.append(str(path))
    return found
