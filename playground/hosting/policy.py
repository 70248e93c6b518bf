"""What a browser is told that the pages of the game may do: the headers of every answer. Serves
nothing.

Gradio compiles strings to functions (`js=`, HTML templates), so 'unsafe-eval' has to stand; and it
writes styles into the page. A script in the page itself runs only with the answer's own nonce, or
if it is one of ours to the letter, so that no text which slipped into the page as HTML could run
one.
Source: W3C, Content Security Policy Level 3.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256

NEURONPEDIA = "https://www.neuronpedia.org"  # a frame that a player opens on a feature's card

UNUSED = ("camera", "microphone", "geolocation", "payment", "usb", "display-capture", "midi")
FIXED = {
    "x-content-type-options": "nosniff",
    # The address of a page may hold what a player typed; nobody else is to hear of it.
    "referrer-policy": "same-origin",
    "permissions-policy": ", ".join(f"{name}=()" for name in UNUSED),
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "x-permitted-cross-domain-policies": "none",
}


def digest(script: str) -> str:
    """By which a policy knows a script to the letter."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def content(nonce: str, frames: Sequence[str] = (), scripts: Sequence[str] = ()) -> str:
    """The Content-Security-Policy. frames: whose pages may show the game in a frame; scripts: the
    digests of those that may run without a nonce."""
    rules: Mapping[str, Sequence[str]] = {
        "default-src": ("'none'",),
        "script-src": ("'self'", f"'nonce-{nonce}'", *scripts, "'unsafe-eval'"),
        "style-src": ("'self'", "'unsafe-inline'"),
        "img-src": ("'self'", "data:", "blob:"),
        "font-src": ("'self'", "data:"),
        "connect-src": ("'self'",),
        "manifest-src": ("'self'",),
        "worker-src": ("'self'", "blob:"),
        "frame-src": (NEURONPEDIA,),
        "frame-ancestors": ("'self'", *frames),
        "base-uri": ("'self'",),
        "form-action": ("'self'",),
    }
    return "; ".join(f"{name} {' '.join(allowed)}" for name, allowed in rules.items())
