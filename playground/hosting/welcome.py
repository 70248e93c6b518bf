"""What the console says when the game is open: addresses that a person can open, from here and from
the room's network. Asks nobody: an address is found without a packet being sent."""

import socket
from pathlib import Path

from playground.settings import Settings

EVERYWHERE = ("0.0.0.0", "::", "")  # listened at, and no address that anybody can open
LOOPBACK, ALONE = "127.", ("localhost", "::1", "[::1]")
ELSEWHERE = "192.0.2.1"  # an address that is nobody's (RFC 5737)
CONTAINER = (Path("/.dockerenv"), Path("/run/.containerenv"))  # where engines of containers say so
TEACH = "teach"


def told(settings: Settings) -> str:
    """All of it, line by line."""
    lines = list(ways(settings))
    if settings.teacher is not None or settings.instructors:
        _, last = lines[-1]
        if last.startswith("http"):
            lines.append(("instructors", f"{last}{TEACH}"))
    wide = max(len(name) for name, _ in lines) + 1
    shown = (f"  {name + ':':<{wide}} {address}" for name, address in lines)
    return "\n".join(["The game is open. Ctrl+C stops it.", *shown])


def ways(settings: Settings) -> list[tuple[str, str]]:
    """Names and addresses; the last is the one to give to others."""
    port, root = settings.port, settings.root_path
    if "://" in root:
        return [("on the web", f"{root}/")]
    if root:
        passed = f"below {root}/, which it passes on to {host(settings)}:{port}"
        return [("behind your proxy", passed)]
    if settings.space_host:
        return [("on the web", f"https://{settings.space_host}/")]
    if settings.host not in EVERYWHERE:
        alone = settings.host.startswith(LOOPBACK) or settings.host in ALONE
        name = "on this machine alone" if alone else "in the network"
        return [(name, f"http://{host(settings)}:{port}/")]
    here = ("on this machine", f"http://127.0.0.1:{port}/")
    if any(each.exists() for each in CONTAINER):
        return [here, ("from outside", "the machine that runs this container, at its port")]
    found = own_address()
    if found is None:
        return [here, ("in the network", "none was found, so nobody else can reach this machine")]
    return [here, ("in the network", f"http://{found}:{port}/")]


def host(settings: Settings) -> str:
    """As an address has it: one of IPv6 stands in brackets."""
    name = settings.host.strip("[]")
    return f"[{name}]" if ":" in name else name


def own_address() -> str | None:
    """This machine's in the network that leads elsewhere; None where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))  # of a datagram socket: chooses a way and sends nothing
            found = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if found.startswith(LOOPBACK) or found in EVERYWHERE else found
