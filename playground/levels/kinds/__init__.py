"""The kinds of levels by the word that a level file says: every file of this folder is one."""

from importlib import import_module
from pkgutil import iter_modules

from playground.errors import AuthorError
from playground.levels.level import Level


def found() -> dict[str, type[Level]]:
    """Raises AuthorError for a file without a kind of its own, and for a word that stands twice."""
    kinds = dict[str, type[Level]]()
    for name in sorted(each.name for each in iter_modules(__path__)):
        module = import_module(f"{__name__}.{name}")
        own = [
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, Level)
            if each.__module__ == module.__name__
        ]
        if len(own) != 1 or not own[0].word or own[0].word in kinds:
            raise AuthorError(
                f"{module.__file__}: found {[each.word for each in own]}; a file of kinds/ has "
                "exactly one class on Level, with a `word` that no other kind has"
            )
        kinds[own[0].word] = own[0]
    return kinds


KINDS = found()
