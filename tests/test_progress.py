"""Progress as lines, and estimates that do not count what an earlier run has done."""

import io

import pytest

from labutils import progress
from labutils.progress import NotedBar, ProgressLines, duration_in_words, noted_share, progress_bar


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_lines_come_at_the_start_now_and_then_and_at_the_end(clock):
    out = io.StringIO()
    with ProgressLines(desc="reading", total=30, unit="clip", file=out) as bar:
        for second in range(1, 31):
            clock[0] = second
            bar.update()
    assert out.getvalue().splitlines() == [
        "reading: 0 of 30 clips, 0 %",
        "reading: 10 of 30 clips, 33 %, about 20 s left",
        "reading: 20 of 30 clips, 67 %, about 10 s left",
        "reading: 30 of 30 clips, 100 %, done in 30 s",
    ]


def test_what_an_earlier_run_did_does_not_spoil_the_estimate(clock):
    out = io.StringIO()
    bar = ProgressLines(desc="reading", total=100, unit="clip", file=out)
    bar.skip(90)
    clock[0] = 20
    bar.update(5)
    assert out.getvalue().splitlines()[-1] == "reading: 95 of 100 clips, 95 %, about 20 s left"


def test_the_first_line_counts_what_an_earlier_run_did_and_the_estimate_does_not(clock):
    out = io.StringIO()
    bar = ProgressLines(desc="reading", total=100, unit="clip", kept=90, file=out)
    clock[0] = 20
    bar.update(5)
    assert out.getvalue().splitlines() == [
        "reading: 90 of 100 clips, 90 %",
        "reading: 95 of 100 clips, 95 %, about 20 s left",
    ]


def test_the_start_of_processes_does_not_spoil_the_estimate(clock):
    out = io.StringIO()
    bar = ProgressLines(desc="reading", total=1000, unit="clip", file=out)
    bar.skip(500)
    for clock[0] in (20, 25, 30, 35):  # nothing for 20 s, then five clips in 5 s
        bar.update(1 if clock[0] == 20 else 5)
    assert out.getvalue().splitlines()[1:] == [
        "reading: 501 of 1000 clips, 50 %",
        "reading: 511 of 1000 clips, 51 %, about 8 min left",
    ]


def test_the_bar_of_a_terminal_skips_too(monkeypatch):
    bar = progress._Bar(total=100, initial=95, file=io.StringIO(), miniters=1, mininterval=0)
    bar.skip(-5)  # five were damaged
    bar.start_t -= 20
    bar.last_print_t -= 20
    bar.update(5)
    assert (bar.n, bar.initial) == (95, 90)
    assert bar.format_dict["rate"] == pytest.approx(5 / 20, rel=0.1)


def test_items_are_counted_as_they_are_used(clock):
    out = io.StringIO()
    assert list(ProgressLines([1, 2, 3], desc="measuring", unit="clip", file=out)) == [1, 2, 3]
    assert out.getvalue().splitlines()[-1] == "measuring: 3 of 3 clips, 100 %, done in 0 s"


def test_without_a_unit_only_the_share_is_told(clock):
    out = io.StringIO()
    bar = ProgressLines(desc="training", total=1234.5, file=out)
    clock[0] = 10
    bar.update(617.25)
    assert out.getvalue().splitlines()[-1] == "training: 50 %, about 10 s left"


def test_how_far_it_is_is_noted_for_another_process_now_and_then(clock, tmp_path):
    with NotedBar(progress_bar(total=8.0, desc="training", progress=False), tmp_path / "c") as bar:
        assert noted_share(tmp_path / "c") == 0
        bar.skip(1)
        bar.update(1)
        assert noted_share(tmp_path / "c") == 1 / 8
        clock[0] = 1
        bar.update(2)
        assert noted_share(tmp_path / "c") == 4 / 8 and bar.n == 4
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(("note", "share"), [(b"nan", 0), (b"\xff0.5", 0), (b"7", 1), (b"-1", 0), (b"", 0)])
def test_a_strange_note_is_no_error(tmp_path, note, share):
    (tmp_path / "progress").write_bytes(note)
    assert noted_share(tmp_path) == share


def test_a_note_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "c").touch()
    with NotedBar(progress_bar(total=8.0, desc="training", progress=False), tmp_path / "c") as bar:
        bar.update(1)
        assert bar.n == 1
    assert (tmp_path / "c").exists()


def test_a_pipe_gets_lines_a_terminal_a_bar_and_no_progress_nothing(monkeypatch, capsys):
    assert isinstance(progress_bar(desc="x", total=1, unit="clip"), ProgressLines)
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    bar = progress_bar(desc="x", total=1, unit="clip")
    assert isinstance(bar, progress._Bar) and not bar.disable
    bar.close()
    capsys.readouterr()
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: False, raising=False)
    silent = progress_bar([1], desc="x", unit="clip", progress=False)
    assert list(silent) == [1]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "words"), [(8, "8 s"), (300, "5 min"), (4800, "80 min"), (7200, "2 h 0 min")]
)
def test_durations_are_said_as_one_waits(seconds, words):
    assert duration_in_words(seconds) == words
