"""The command line: `python -m labutils COMMAND`, each command with `--help`."""

import argparse
import logging
import os
import sys

from labutils.cluster import SCHEDULER, on_cluster
from labutils.commands import evaluate, predict, prepare, report, runs, simulate, site, sweep, teach, train
from labutils.errors import LabError, printable
from labutils.simulate.version import SIMULATOR_VERSION


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if it went well, 1 with one sentence on stderr if it did not, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # letters that the terminal does not have are printed all the same
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    level = logging.ERROR if options.quiet else logging.INFO
    logging.basicConfig(level=level, format="%(message)s", force=True)
    try:
        with on_cluster(os.environ.get(SCHEDULER)):
            options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has had enough
        sys.stderr.close()
        return 0
    except (LabError, OSError) as error:
        print(f"error: {sentence(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; start the same command again to go on", file=sys.stderr)
        return 130
    return 0


def sentence(error: Exception) -> str:
    """What went wrong, in one line: for what the system refuses, the file, the reason and what to do."""
    if not isinstance(error, OSError) or error.filename is None:
        return printable(" ".join(str(error).split()))
    advice = (
        "; choose a folder of your own, or set LAB_HOME to one."
        if isinstance(error, PermissionError)
        else "."
    )
    return printable(f"{error.filename2 or error.filename}: {error.strerror}{advice}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m labutils", description="The Impact Lab on the command line."
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say which lab this is")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in (prepare, simulate, train, predict, evaluate, runs, report, sweep, teach, site):
        command.add(commands)
    return parser


class _Version(argparse.Action):
    """Looks the version up when it is asked for: that takes longer than all the help."""

    def __call__(self, parser: argparse.ArgumentParser, *_) -> None:
        print(version_line())
        parser.exit()


def version_line() -> str:
    """Name the versions of the lab and of its simulator."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("impact-lab")
    except PackageNotFoundError:
        installed = "not installed"
    return f"impact-lab {installed}, simulator {SIMULATOR_VERSION}"


if __name__ == "__main__":
    sys.exit(main())
