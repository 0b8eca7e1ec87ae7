"""`teach`: what a teacher types. See TEACHING.md."""

import argparse
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from labutils.commands.options import (
    add_command,
    expect_outputs,
    give,
    say,
    shows_progress,
    warn,
    whole_number,
)
from labutils.errors import LabError
from labutils.places import ROOT
from labutils.storage import expect_writable_folder, write_whole


def add(commands) -> None:
    """Add the command with its own commands."""
    text = "For teachers: data for each student, and grades. TEACHING.md tells how to use it."
    teach = commands.add_parser("teach", help=text, description=text)
    own = teach.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_release(own)
    _add_hand_out(own)
    _add_grade(own)


def _add_release(commands) -> None:
    text = "Write the students' version of the notebooks: exercises unsolved, no outputs, made by nbgrader."
    command = add_command(commands, "release", text, release)
    command.add_argument("--out", type=Path, required=True, help="folder for the notebooks")
    command.add_argument(
        "--notebooks", type=Path, default=ROOT / "notebooks", help="the solved ones (default: the lab's)"
    )


def release(options: argparse.Namespace) -> None:
    """Write the students' version."""
    if find_spec("nbgrader") is None:
        raise LabError(
            "nbgrader is not installed, expected the extra `teach`: pip install 'impact-lab[teach]'."
        )
    if options.out.resolve() == options.notebooks.resolve():
        raise LabError(
            f"{options.out} holds the solved notebooks: expected another folder for the students' version."
        )
    expect_writable_folder(options.out)
    from labutils.teaching.student_copies import write_student_copies

    written = write_student_copies(options.notebooks, options.out)
    if not written:
        raise LabError(f"{options.notebooks} holds no notebooks: expected files like index.ipynb.")
    if not options.quiet:
        give(options, {"notebooks": written}, f"{len(written)} notebooks are in {options.out}")


def _add_hand_out(commands) -> None:
    text = "Make data of their own for each student or group, and keep the truth of the tests apart."
    command = add_command(commands, "hand-out", text, hand_out_data)
    command.add_argument("names", nargs="*", help="names of students or groups")
    command.add_argument(
        "--names-from", type=Path, metavar="FILE", help="a text file with a name a line as well"
    )
    command.add_argument(
        "--out", type=Path, required=True, help="the teacher's folder; students/ in it is handed out"
    )
    command.add_argument(
        "--preset",
        choices=("tiny", "lab", "course", "lab-tests"),
        default="lab-tests",
        help="how much each gets: lab-tests has test clips alone, lab and course training clips too (default: lab-tests)",
    )
    command.add_argument(
        "--audio-format", choices=("flac", "pkl"), default="flac", help="of the sounds (default: flac)"
    )
    command.add_argument("--workers", type=whole_number(1), help="processes (default: one a processor)")


def hand_out_data(options: argparse.Namespace) -> None:
    """Make the data."""
    expect_writable_folder(options.out)
    from labutils.classroom.hand_out import hand_out

    names = [*options.names, *(_lines(options.names_from) if options.names_from else [])]
    folders = hand_out(
        names,
        options.out,
        preset=options.preset,
        audio_format=options.audio_format,
        workers=options.workers,
        progress=shows_progress(options),
    )
    if not options.quiet:
        listed = "\n".join(f"{name}: {folder}" for name, folder in folders.items())
        give(
            options,
            folders,
            f"{listed}\nkeep for yourself: {options.out / 'truth'}, {options.out / 'secret.txt'}",
        )


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabError(f"{path}: is no text in UTF-8, expected a name a line; save it as UTF-8.") from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def _add_grade(commands) -> None:
    text = "Grade a folder of answers against the truth: accuracy, precision, recall and F1 with intervals."
    command = add_command(commands, "grade", text, grade)
    command.add_argument(
        "folder", type=Path, help="what was handed in: NAME.json or NAME/answers.json for each student"
    )
    command.add_argument(
        "--truth",
        type=Path,
        required=True,
        help="the folder that `teach hand-out` made, or the data set that all students answered",
    )
    command.add_argument("--csv", type=Path, help="a file for a spreadsheet as well")


def grade(options: argparse.Namespace) -> None:
    """Grade the folder."""
    expect_outputs(options.csv)
    from labutils.classroom.grading import grade_csv, grade_folder, grade_table

    grades, problems = grade_folder(options.folder, options.truth)
    for problem in problems:
        warn(problem)
    if not grades:
        raise LabError(f"{options.folder}: nothing in it could be graded.")
    give(options, [asdict(one) for one in grades], grade_table(grades))
    if options.csv is not None:
        write_whole(options.csv, grade_csv(grades))
        say(options, f"the grades are in {options.csv}")
