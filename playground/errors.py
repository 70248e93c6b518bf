"""The project's errors. Each message says what was asked, what exists and what to do."""

from playground.messages import Message, Param


class PlaygroundError(Exception):
    """Anything the playground refuses to do, with a message meant to be read."""


class AuthorError(PlaygroundError):
    """A file written by an author (level, registry, grammar, asset) is wrong; starts with the
    file."""


class UnavailableError(AuthorError):
    """A model that would have to be fetched cannot be had now: no network, no room, no wheel."""


class PlayerError(PlaygroundError):
    """The player asked for something that cannot be done. `said` goes on screen, in the player's
    language."""

    def __init__(self, said: Message | str, /, **params: Param) -> None:
        """said: a message or its key."""
        self.said = Message(said, **params) if isinstance(said, str) else said
        super().__init__(str(self.said))


class EngineError(PlaygroundError):
    """The engine cannot serve a request (unknown site, wrong width, closed engine)."""


class BusyError(PlayerError):
    """So much is waiting already that no more is taken."""


class AbandonedError(PlaygroundError):
    """Whoever asked has left, so the work was stopped."""


class StoreError(PlaygroundError):
    """The progress store failed while the game ran; nothing of what was asked is kept."""
