"""The errors that a user meets: one sentence each, which the command line prints as it stands."""


def printable(text: str) -> str:
    r"""The text on one line that every screen can show: what is not printable becomes `\n`, `\x1b`, `\udcbf`."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )


class LabError(ValueError):
    """Something given to the lab cannot be used; the message names it, what was found, what was expected and what to do."""

    def __init__(self, message: str = ""):
        super().__init__(printable(message))


class ClipError(LabError):
    """A file or folder is not what a clip needs."""
