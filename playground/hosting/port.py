"""Whether the game can listen where it is asked to, known before a model is loaded. Opens nothing
for good."""

import socket

from playground.errors import AuthorError


def check(host: str, port: int) -> None:
    """Raises AuthorError where another program has the port, or the address is not this
    machine's."""
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server does it: what a stopped game has left behind is no other program.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except socket.gaierror as error:
        raise AuthorError(
            f"PLAYGROUND_HOST={host!r}: no such address; 127.0.0.1 is this machine alone, 0.0.0.0 "
            "everybody who can reach it"
        ) from error
    except OSError as error:
        raise AuthorError(
            f"PLAYGROUND_PORT={port}: nothing can listen at {host}:{port} ({error.strerror}); stop "
            f"what does, perhaps another game, or choose another port: PLAYGROUND_PORT={port + 1}"
        ) from error
