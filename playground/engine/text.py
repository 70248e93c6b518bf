"""Between text and tokens: prompts in, streamed replies out. Knows nothing of the model."""

from collections.abc import Sequence
from typing import cast

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from playground.errors import EngineError

BROKEN = "\ufffd"  # what an incomplete character decodes to
UNFINISHED = 3  # UTF-8 spells a character in at most four bytes
HELD_AT_MOST = 6  # tokens; longer than any character, so that the first of them are broken for good


class Text:
    """A tokenizer as the engine uses it; safe on several threads."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, chat: bool = False) -> None:
        """chat: prompts are messages of a user, in the tokenizer's own chat template. Raises
        EngineError for a tokenizer that is not fast, or has no such template."""
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
        self.bos = cast(int | None, tokenizer.bos_token_id)
        self.end = cast(int | None, tokenizer.eos_token_id)
        marks = {id for id, each in tokenizer.added_tokens_decoder.items() if each.special}
        self.special = marks.union(tokenizer.all_special_ids)
        self._anchor = self._backend.encode("a", add_special_tokens=False).ids[-1:]
        self._anchored = len(self._decode(self._anchor))
        self._pieces: dict[int, str] = {}

    def ids(self, text: str) -> list[int]:
        """Without the beginning-of-text token."""
        return self._backend.encode(text, add_special_tokens=False).ids

    def with_start(self, text: str) -> list[int]:
        """With the beginning-of-text token, where the tokenizer has one."""
        return ([] if self.bos is None else [self.bos]) + self.ids(text)

    def prompted(self, prompt: str) -> list[int]:
        """What the model reads before its reply: the prompt as a text begins, or as a message that
        it is about to answer. Thinking aloud is turned off where a template knows of it."""
        if self._template is None:
            return self.with_start(prompt)
        message = [{"role": "user", "content": prompt}]
        told = self._template.apply_chat_template(
            message, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return self.ids(cast(str, told))

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

    def texts(self, ids: Sequence[int]) -> tuple[str, ...]:
        """The text of each token; a character of several tokens stands at its last."""
        spelling = Spelling(self)
        pieces = [self.piece(each) if each in self.special else spelling.push(each) for each in ids]
        if pieces and (rest := spelling.rest()):
            pieces[-1] += rest
        return tuple(pieces)

    def _decode(self, ids: Sequence[int]) -> str:
        return self._backend.decode(list(ids), skip_special_tokens=False)


class Spelling:
    """Turns a row's tokens into text as they come; holds back a character until all of its tokens
    are there."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._held: list[int] = []

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
