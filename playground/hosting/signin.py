"""Signing in with Hugging Face, for those who like: to its page and back with proof of who somebody
is there. Knows no player, keeps nothing but what is on its way, and asks for nothing but the name.

It opens in a tab of its own, for in a frame no browser would keep the cookie by which the way back
is known to be of the browser that set out. What proves the account goes to the page behind a #,
which is sent to no server, is worth something once, and for a short while.

Sources: RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 9700 (OAuth 2.0 Security Best Current Practice);
Hugging Face, Sign in with Hugging Face (huggingface/hub-docs, 2026-08).
"""

import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Literal, get_args
from urllib.parse import urlencode, urlsplit

import httpx
from cachetools import TTLCache
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from playground.errors import AuthorError, PlayerError
from playground.settings import Settings
from playground.text.language import SOURCE

BEGIN, END = "/login/huggingface", "/login/callback"
COOKIE = "signing-in"
LASTS = 600  # seconds for the way there and back
SHOWN = 120  # seconds until the page has to have shown what it was given
MOST = 10_000  # who are on their way at once; the oldest make room
TOKEN_BYTES = 32
LONGEST = 4096  # characters of what comes back
PATIENCE = 10.0  # seconds for an answer of Hugging Face
SCOPES = "openid profile"  # whom an account belongs to, and its name; no e-mail
FAILED = "-"  # in the place of proof
Page = Literal["me", "teach"]
PAGES: tuple[Page, ...] = get_args(Page)


class UserInfo(BaseModel):
    """What is asked of an account; all else that is told is dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    sub: str = Field(min_length=1, max_length=200)
    preferred_username: str = Field(min_length=1, max_length=200)


class TokenAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    access_token: str = Field(min_length=1)


@dataclass(frozen=True)
class Account:
    """subject: stays the same whatever its owner is called."""

    subject: str
    name: str


@dataclass(frozen=True)
class Provider:
    """here: the whole address at which browsers reach the game, without a stroke at its end."""

    id: str
    secret: str
    address: str
    here: str

    @classmethod
    def of(cls, settings: Settings) -> "Provider | None":
        """None where the host has no key for it, as everywhere but on a Space. Raises AuthorError
        where nobody knows the address to come back to."""
        if not settings.oauth_id or settings.oauth_secret is None:
            return None
        here = f"https://{settings.space_host}" if settings.space_host else settings.root_path
        if "://" not in here:
            raise AuthorError(
                f"OAUTH_CLIENT_ID={settings.oauth_id}: to sign in, browsers have to come back; set "
                "PLAYGROUND_ROOT_PATH to the whole address of the game, such as https://a.org/play"
            )
        secret = settings.oauth_secret.get_secret_value()
        return cls(settings.oauth_id, secret, settings.oauth_provider.rstrip("/"), here)


@dataclass(frozen=True)
class Journey:
    """Somebody who has set out. browser: a digest of what the cookie holds; verifier: that proves
    to the provider who asked; page: that they come back to, below the address of the game."""

    browser: str
    verifier: str
    page: str


class SignIn:
    """Any number of threads."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._lock = Lock()
        self._waiting = TTLCache[str, Journey, float](MOST, LASTS)  # by state
        self._shown = TTLCache[str, Account, float](MOST, SHOWN)  # by a digest of the proof

    @property
    def routes(self) -> list[Route]:
        return [Route(BEGIN, self.begin), Route(END, self.end)]

    async def begin(self, request: Request) -> Response:
        """Off to Hugging Face, and back to a page of PAGES in the language of the address."""
        asked, language = request.query_params.get("to"), request.scope.get("language", SOURCE)
        page = asked if asked in PAGES else PAGES[0]
        state, browser, verifier = (secrets.token_urlsafe(TOKEN_BYTES) for _ in range(3))
        told = page if language == SOURCE else f"{language}/{page}"
        with self._lock:
            self._waiting[state] = Journey(digest(browser), verifier, told)
        query = urlencode({
            "response_type": "code", "client_id": self._provider.id, "scope": SCOPES,
            "redirect_uri": self._provider.here + END, "state": state,
            "code_challenge": challenge(verifier), "code_challenge_method": "S256",
        })  # fmt: skip
        answer = RedirectResponse(f"{self._provider.address}/oauth/authorize?{query}", 303)
        self._keep(answer, browser, LASTS)
        return answer

    async def end(self, request: Request) -> Response:
        """To the page with proof, where the way back is of the browser that set out and Hugging
        Face says who it is; without it otherwise. Each way is gone once."""
        state, code = (request.query_params.get(name, "")[:LONGEST] for name in ("state", "code"))
        mine = request.cookies.get(COOKIE, "")[:LONGEST]
        with self._lock:
            waiting = self._waiting.get(state)
            # Whoever lures a browser here with a state that is not its own does not end it either.
            known = waiting is not None and hmac.compare_digest(waiting.browser, digest(mine))
            if known:
                del self._waiting[state]
        proof, page = FAILED, PAGES[0] if waiting is None else waiting.page
        if waiting is None or not known:
            logging.getLogger(__name__).warning("a sign-in that was begun nowhere, or elsewhere")
        elif not code:
            logging.getLogger(__name__).info("a sign-in was refused at Hugging Face")
        else:
            proof = await self._proof(code, waiting.verifier)
        answer = RedirectResponse(f"{self._provider.here}/{page}#signed={proof}", 303)
        self._keep(answer, "", 0)
        return answer

    def offer(self, account: Account) -> str:
        """Proof of an account, worth something once."""
        proof = secrets.token_urlsafe(TOKEN_BYTES)
        with self._lock:
            self._shown[digest(proof)] = account
        return proof

    def taken(self, proof: str) -> Account:
        """Whose proof it is. PlayerError for what proves nothing, or did so before."""
        with self._lock:
            found = self._shown.pop(digest(proof), None)
        if found is None:
            raise PlayerError("signin.failed")
        return found

    async def _proof(self, code: str, verifier: str) -> str:
        try:
            return self.offer(await self._asked(code, verifier))
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as error:
            # What they quote may hold a key.
            logging.getLogger(__name__).warning("a sign-in failed: %s", type(error).__name__)
            return FAILED

    async def _asked(self, code: str, verifier: str) -> Account:
        """Whom a code belongs to. What Hugging Face gave leave for is forgotten at once. The answer
        comes from Hugging Face itself, over TLS, so that no signature has to be looked at."""
        form = {
            "grant_type": "authorization_code", "code": code, "code_verifier": verifier,
            "redirect_uri": self._provider.here + END, "client_id": self._provider.id,
        }  # fmt: skip
        keys = httpx.BasicAuth(self._provider.id, self._provider.secret)
        async with httpx.AsyncClient(base_url=self._provider.address, timeout=PATIENCE) as web:
            given = (await web.post("/oauth/token", data=form, auth=keys)).raise_for_status()
            token = TokenAnswer.model_validate_json(given.content).access_token
            bearer = {"Authorization": f"Bearer {token}"}
            told = (await web.get("/oauth/userinfo", headers=bearer)).raise_for_status()
        info = UserInfo.model_validate_json(told.content)
        return Account(info.sub, info.preferred_username)

    def _keep(self, answer: Response, browser: str, seconds: int) -> None:
        here = urlsplit(self._provider.here)
        answer.set_cookie(
            COOKIE, browser, max_age=seconds, path=f"{here.path}/login", httponly=True,
            secure=here.scheme == "https", samesite="lax",
        )  # fmt: skip
        answer.headers["cache-control"] = "no-store"


def digest(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()


def challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
