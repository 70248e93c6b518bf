"""Between text and tokens: prompts in, streamed replies out. Knows nothing of the model."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, cast

from jinja2 import TemplateError
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from playground.engine.records import Talk, check_whole
from playground.errors import AuthorError, EngineError

BROKEN = "\ufffd"  # what an incomplete character decodes to
UNFINISHED = 3  # UTF-8 spells a character in at most four bytes
HELD_AT_MOST = 6  # tokens; longer than any character, so that the first of them are broken for good
ALONE = Talk()
PROBE = "what it is told beforehand"
BOS, NOTHING = "bos", "none"
# What a chat template that writes the day is told: the same prompt is the same tokens tomorrow.
TODAY = datetime(2024, 7, 26)


class Spelt(NamedTuple):
    """A character, or some, and how many tokens spell it together."""

    text: str
    tokens: int


class Text:
    """A tokenizer as the engine uses it; safe on several threads. What a player writes is text,
    also where it looks like a special token."""

    def __init__(
        self, tokenizer: PreTrainedTokenizerFast, chat: bool = False, first: str = ""
    ) -> None:
        """chat: prompts are messages of a user, in the tokenizer's own chat template. first: what a
        text stands behind (`lead_of`). Raises EngineError for a tokenizer that is not fast, or has
        no such template, AuthorError for a first token that it has not."""
        if not isinstance(tokenizer, PreTrainedTokenizerFast):
            raise EngineError(
                f"{type(tokenizer).__name__} has no tokenizer.json; "
                "only fast tokenizers are supported."
            )
        if chat and not tokenizer.chat_template:
            raise EngineError(
                "This tokenizer has no chat template, so the model cannot be talked to as a chat; "
                "play it as it is (chat = false in its card)."
            )
        self._template = tokenizer if chat else None
        # Not the wrapper's own methods: they set padding on the shared object, and are ten times
        # slower.
        self._backend: Tokenizer = tokenizer.backend_tokenizer
        self._backend.no_padding()
        self._backend.no_truncation()
        self._plain = Tokenizer.from_str(self._backend.to_str())
        self._plain.encode_special_tokens = True  # as the text that they are spelt with
        self.lead = lead_of(tokenizer, first)
        self.end = cast(int | None, tokenizer.eos_token_id)
        named = {id: str(each) for id, each in tokenizer.added_tokens_decoder.items()}
        marks = {id for id, each in tokenizer.added_tokens_decoder.items() if each.special}
        self.special = marks.union(tokenizer.all_special_ids)
        spelt = sorted((named[id] for id in self.special if id in named), key=len, reverse=True)
        self._marks = re.compile("|".join(map(re.escape, spelt)) or r"(?!)")
        self._anchor = self._plain.encode("a", add_special_tokens=False).ids[-1:]
        self._anchored = len(self._decode(self._anchor))
        self._pieces: dict[int, str] = {}

    @property
    def fill(self) -> int:
        """A token to pad with, which nothing ever looks at."""
        return self.lead[0] if self.lead else 0

    @property
    def chats(self) -> bool:
        """Whether prompts are messages."""
        return self._template is not None

    def ids(self, text: str) -> list[int]:
        """Without what stands first. Raises PlayerError for a text that is none."""
        check_whole(text)
        return self._plain.encode(text, add_special_tokens=False).ids

    def with_start(self, text: str) -> list[int]:
        """Behind what stands first."""
        return [*self.lead, *self.ids(text)]

    def prompted(self, prompt: str, talk: Talk = ALONE, plain: bool = False) -> list[int]:
        """What the model reads before its reply: the prompt as a text begins (of an instruct model
        where it is `plain`), or as the last message of a talk; there the template says all that
        stands first."""
        if self._template is None or plain:
            # Where nothing stands first, an empty text still has to begin with something: what
            # stands between texts.
            ends = [] if self.end is None else [self.end]
            return self.with_start(prompt) or ends
        messages = messages_of(prompt, talk)
        for each in messages:
            check_whole(each["content"])
        if any(self._marks.search(each["content"]) for each in messages):
            # Only the template's own special tokens are any.
            told = self._templated(messages, tokenize=True, sanitize_control_tokens=True)
            return cast(list[int], told)
        told = cast(str, self._templated(messages, tokenize=False))
        return self._backend.encode(told, add_special_tokens=False).ids

    @cached_property
    def system(self) -> str | None:
        """What the chat template tells the model beforehand where nobody says anything else; None
        for a template that takes no system message, or that forgets it, and where there is no
        chat."""
        if self._template is None:
            return None
        alone, told = messages_of("a", ALONE), messages_of("a", Talk(PROBE))
        try:
            found = str(self._templated(told, tokenize=False))
        except TemplateError:  # a template refuses by raising
            return None
        before, middle, after = found.partition(PROBE)
        if not middle:
            return None
        plain = str(self._templated(alone, tokenize=False))
        own = plain.startswith(before) and plain.endswith(after)
        return plain[len(before) : len(plain) - len(after)] if own else ""

    @property
    def dated(self) -> bool:
        """Whether the chat template writes a date, which is TODAY."""
        if self._template is None:
            return False
        messages = messages_of("a", ALONE)
        return self._templated(messages) != self._templated(messages, datetime(1999, 1, 2))

    def _templated(
        self, messages: list[dict[str, str]], today: datetime = TODAY, **options: Any
    ) -> str | list[int]:
        """Messages in the template. Thinking aloud is turned off where it knows of that."""
        assert self._template is not None
        return cast(str | list[int], self._template.apply_chat_template(
            messages, return_dict=False,
            chat_template=on_day(self._template.get_chat_template(), today),
            date_string=today.strftime("%d %b %Y"),
            add_generation_prompt=True, enable_thinking=False, **options,
        ))  # fmt: skip

    def piece(self, token: int) -> str:
        """A token on its own as it reads inside a text (its leading space kept); special tokens by
        their name."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self.decode([token])
        return piece

    def decode(self, ids: Sequence[int]) -> str:
        """Tokens as they read inside a text."""
        # Some decoders drop the first space of a text, so a known token goes before.
        return self._decode([*self._anchor, *ids])[self._anchored :]

    def spelt(self, ids: Sequence[int]) -> tuple[Spelt, ...]:
        """The text, token by token; tokens that spell one character stand together."""
        spelling, made, waiting = Spelling(self), list[Spelt](), 0
        for each in ids:
            if each in self.special:
                if waiting:
                    made.append(Spelt(spelling.rest(), waiting))
                made.append(Spelt(self.piece(each), 1))
                waiting = 0
                continue
            waiting += 1
            piece = spelling.push(each)
            if done := waiting - spelling.held:
                made.append(Spelt(piece, done))
                waiting = spelling.held
        if waiting:
            made.append(Spelt(spelling.rest(), waiting))
        return tuple(made)

    def _decode(self, ids: Sequence[int]) -> str:
        return self._backend.decode(list(ids), skip_special_tokens=False)


class Spelling:
    """Turns a row's tokens into text as they come; holds back a character until all of its tokens
    are there."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._held: list[int] = []

    @property
    def held(self) -> int:
        """How many tokens wait for the rest of their character."""
        return len(self._held)

    def push(self, token: int) -> str:
        if token in self._text.special:
            return self.rest()
        if not self._held:
            piece = self._text.piece(token)
            if not piece.endswith(BROKEN):
                return piece
        self._held.append(token)
        piece = self._text.decode(self._held)
        if not piece.endswith(BROKEN):
            self._held = []
            return piece
        return "" if len(self._held) < HELD_AT_MOST else self._give_up(piece)

    def _give_up(self, piece: str) -> str:
        """Lets go of what can be no character any more, and keeps what may still begin one."""
        for kept in range(UNFINISHED, 0, -1):
            gone, begun = self._held[:-kept], self._held[-kept:]
            readable = self._text.decode(gone)
            if readable + self._text.decode(begun) == piece:  # no character stands across the cut
                self._held = begun
                return readable
        self._held = []
        return piece

    def rest(self) -> str:
        """What is still held back, as it reads."""
        piece = self._text.decode(self._held) if self._held else ""
        self._held = []
        return piece


def messages_of(prompt: str, talk: Talk) -> list[dict[str, str]]:
    """As a chat template takes them."""
    told = [] if talk.system is None else [{"role": "system", "content": talk.system}]
    for each in talk.turns:
        told += [
            {"role": "user", "content": each.said},
            {"role": "assistant", "content": each.answer},
        ]
    return [*told, {"role": "user", "content": prompt}]


def lead_of(tokenizer: PreTrainedTokenizerFast, first: str) -> tuple[int, ...]:
    """The tokens that stand before a text. first: `bos`, `none`, or a token by its name; empty: a
    beginning-of-text token where the tokenizer has one. Raises AuthorError for a token that it has
    not."""
    bos = cast(int | None, tokenizer.bos_token_id)
    if first == NOTHING or (not first and bos is None):
        return ()
    if first in ("", BOS):
        if bos is None:
            raise AuthorError(
                f'first = "{BOS}": this tokenizer has no beginning-of-text token; '
                f'write first = "{NOTHING}", or a token by its name'
            )
        return (bos,)
    vocabulary = tokenizer.get_vocab()
    if first not in vocabulary:
        known = ", ".join(sorted(tokenizer.all_special_tokens))
        raise AuthorError(
            f"first = {first!r}: this tokenizer has no such token; there are {BOS}, {NOTHING}, "
            f"its special tokens ({known or 'none'}) and all of its other tokens"
        )
    return (vocabulary[first],)


def on_day(template: str, today: datetime) -> str:
    """A chat template that asks what day it is, with the answer written into it."""

    def answered(asks: re.Match[str]) -> str:
        return f"{asks[1]}{today.strftime(asks[2])}{asks[1]}"

    return re.sub(r"strftime_now\(\s*(['\"])(.*?)\1\s*\)", answered, template)
