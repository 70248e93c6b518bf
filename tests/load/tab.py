"""A browser tab as the server sees one: asks for a page's events over Gradio's own protocol and
keeps what comes back. Draws nothing.
"""

import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import httpx

QUEUE = "/gradio_api/queue"
PATIENCE = 900  # seconds without a byte


class RefusedError(Exception):
    """The server took no more (503), or said that it was busy."""


class FailedError(Exception):
    """What was asked for ended in an error."""


@lru_cache
def layout(address: str) -> dict[str, Any]:
    return httpx.get(f"{address}config", timeout=PATIENCE).json()


class Tab:
    """One page of one learner. Values of components are kept by their id."""

    def __init__(
        self, address: str, page: str, values: Mapping[str, Any] | None = None, **query: str
    ):
        """values: what the browser has stored, by storage key."""
        config = layout(address)
        self._known = {each["id"]: each for each in config["components"]}
        wanted = set(config["page"][page]["dependencies"])
        self._events = [each for each in config["dependencies"] if each["id"] in wanted]
        self._values = {id: each["props"].get("value") for id, each in self._known.items()}
        self._session, self._query = secrets.token_hex(8), query
        self._web = httpx.Client(base_url=address.rstrip("/"), timeout=PATIENCE, verify=False)
        self._kept = {
            id: each["props"]["storage_key"]
            for id, each in self._known.items()
            if each["type"] == "browserstate" and self._used(id)
        }
        for id, key in self._kept.items():
            default = self._known[id]["props"].get("default_value")
            self._values[id] = (values or {}).get(key, default)
        self._open = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)

    @property
    def stored(self) -> dict[str, Any]:
        """What the browser keeps for the next page."""
        return {key: self._values[id] for id, key in self._kept.items()}

    def close(self) -> None:
        self._open.set()
        self._web.close()

    def set(self, name: str, value: Any) -> None:
        self._values[self._id(name)] = value

    def load(self) -> None:
        """What the page asks for when it is opened, which is not queued."""
        for event in self._on_load():
            self._direct(event)

    def after_load(self) -> Iterator[list[Any]]:
        """What follows upon those answers, as it comes."""
        opened = {event["id"] for event in self._on_load()}
        for each in self._events:
            asked = each["backend_fn"] and each["trigger_only_on_success"]
            if asked and each["trigger_after"] in opened:
                yield from self._queued(each, None) if each["queue"] else [self._direct(each)]

    def _on_load(self) -> list[dict[str, Any]]:
        return [e for e in self._events if [t[1] for t in e["targets"]][:1] == ["load"]]

    def fire(self, name: str, kind: str, data: Any = None) -> Iterator[list[Any]]:
        """What an event of a component brings, as it comes: the values of its outputs."""
        event = next(e for e in self._events if [self._id(name), kind] in e["targets"])
        yield from self._queued(event, data)

    def _id(self, name: str) -> int:
        return next(id for id, c in self._known.items()
                    if c["props"].get("elem_id") == name and self._used(id))  # fmt: skip

    def _used(self, id: int) -> bool:
        """By this page: the same name stands on others."""
        return any(
            id in (*each["inputs"], *each["outputs"], *(t[0] for t in each["targets"]))
            for each in self._events
        )

    def _body(self, event: Mapping[str, Any], data: Any) -> dict[str, Any]:
        given = [
            None if self._known[id]["type"] == "state" else self._values[id]
            for id in event["inputs"]
        ]
        return {
            "data": given, "fn_index": event["id"], "session_hash": self._session,
            "event_data": data, "trigger_id": (event["targets"] or [[None]])[0][0],
        }  # fmt: skip

    def _direct(self, event: Mapping[str, Any]) -> list[Any]:
        sent = self._body(event, None)
        answer = self._web.post("/gradio_api/run/predict", json=sent, params=self._query)
        if answer.status_code == 503:
            raise RefusedError("503")
        answer.raise_for_status()
        came = answer.json()["data"]
        self._take(event, came)
        return came

    def _queued(self, event: Mapping[str, Any], data: Any) -> Iterator[list[Any]]:
        joined = self._web.post(f"{QUEUE}/join", json=self._body(event, data), params=self._query)
        if joined.status_code == 503:
            raise RefusedError("503")
        joined.raise_for_status()
        now, done = list[Any](), False
        where = {"session_hash": self._session}
        with self._web.stream("GET", f"{QUEUE}/data", params=where) as stream:
            for line in stream.iter_lines():
                if not line.startswith("data: "):
                    continue
                told = json.loads(line[6:])
                if told["msg"] == "log" and told.get("level") == "warning":
                    raise RefusedError(told["log"])
                if told["msg"] in ("process_generating", "process_completed"):
                    came = told["output"].get("data") or []
                    if told["msg"] == "process_generating" and now:
                        came = [patched(o, changes) for o, changes in zip(now, came, strict=True)]
                    now = came or now
                    self._take(event, now)
                    yield now
                if told["msg"] == "unexpected_error" or not told.get("success", True):
                    raise FailedError(str(told)[:300])
                # As a browser does: who hangs up before the server has closed the stream may have
                # it give up what is asked for next in the same tab.
                done = done or told["msg"] == "process_completed"
                if told["msg"] == "close_stream" or (done and told["msg"] == "heartbeat"):
                    return

    def _take(self, event: Mapping[str, Any], came: list[Any]) -> None:
        for id, value in zip(event["outputs"], came, strict=False):
            if not (isinstance(value, dict) and value.get("__type__") == "update"):
                self._values[id] = value
            elif "value" in value:
                self._values[id] = value["value"]

    def beat(self) -> None:
        """Keeps the session open as a browser does, until `close`."""
        self._heart.start()

    def _beat(self) -> None:
        path = f"/gradio_api/heartbeat/{self._session}"
        try:
            with self._web.stream("GET", path) as stream:
                for _ in stream.iter_raw():
                    if self._open.is_set():
                        return
        except (httpx.HTTPError, RuntimeError):  # closed meanwhile
            return


def patched(old: Any, changes: Any) -> Any:
    """Gradio sends what changed since the last time: (action, path, value) each."""
    if not isinstance(changes, list) or not all(
        isinstance(c, list) and len(c) == 3 for c in changes
    ):
        return changes
    for action, path, value in changes:
        if not path:
            old = old + value if action == "append" else value
            continue
        holder = old
        for step in path[:-1]:
            holder = holder[step]
        if action == "append":
            holder[path[-1]] += value
        elif action == "delete":
            del holder[path[-1]]
        elif action == "add" and isinstance(holder, list):
            holder.insert(path[-1], value)
        else:
            holder[path[-1]] = value
    return old


def timed(tab: Tab) -> float:
    """Seconds until the page has answered its first request."""
    began = time.monotonic()
    tab.load()
    return time.monotonic() - began
