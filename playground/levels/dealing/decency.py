"""Whether what a model wrote may stand in front of a class. Nobody chose what an open model learned
from, and a push can bring up anything; a reply with such a word makes no question.

It keeps out single words, not thoughts: what a learner has written live is the model's own.
"""

import re

UNFIT = re.compile(
    r"\b(anus|asshole|bastard|bitch|bullshit|cunt|faggot|fuck\w*|genitals?|masturbat\w*|nigger|penis|porn\w*"
    r"|prostitut\w*|rap(e|ed|ist)|shit\w*|slut|suicid\w*|vagina|whore)s?\b",
    re.IGNORECASE,
)


def decent(text: str) -> bool:
    return UNFIT.search(text) is None
