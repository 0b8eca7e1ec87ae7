"""The errors that a user meets: one sentence each, which the command line prints as it stands."""


class LabError(ValueError):
    """Something given to the lab cannot be used; the message names it, what was found, what was expected and what to do."""


class ClipError(LabError):
    """A file or folder is not what a clip needs."""
