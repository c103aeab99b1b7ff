"""What the source's compiler asked for, and nothing here needs."""


def as_written(function, *_, **__):
    """The function itself: it runs as it is written."""
    return function


def check(condition, message):
    """Raise AssertionError with ``message`` unless ``condition`` holds."""
    if not condition:
        raise AssertionError(message)


class Final:
    """``Final[int]``: an attribute that is set once."""

    def __class_getitem__(cls, item):
        """The type itself."""
        return item
