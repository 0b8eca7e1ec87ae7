"""One recording session: where its clips begin and when their pictures are taken."""

import numpy as np
import pytest

from labutils.simulate import recording
from labutils.simulate.plan import make_plan
from labutils.simulate.recording import clip_starts_s, draw_frame_times_s, record_session

from .small_sets import SMALL, make


def test_clips_are_centred_on_contacts_and_do_not_overlap():
    contacts = np.array([1.0, 2.5, 3.0, 6.4, 6.6, 12.0, 13.5])
    assert clip_starts_s(contacts, 15.0) == pytest.approx([0.5, 4.6, 10.0])
    assert clip_starts_s(np.array([]), 15.0) == []


def test_frames_come_about_six_a_second_with_jitter_and_gaps():
    rng = np.random.default_rng(0)
    clips = [draw_frame_times_s(rng) for _ in range(2000)]
    counts = np.array([len(times) for times in clips])
    assert counts.mean() == pytest.approx(25.3, abs=0.3)
    assert counts.max() <= 35
    assert counts.min() >= 12
    assert all((np.diff(times) >= 0).all() and times[0] >= 0 and times[-1] < 4 for times in clips)
    gaps = np.concatenate([np.diff(times) for times in clips])
    assert 0.005 < (gaps > 0.27).mean() < 0.05  # the dropped ones


def test_an_object_that_is_never_heard_is_an_error(tmp_path, instant_physics, monkeypatch):
    monkeypatch.setattr(recording, "find_contacts", lambda audio: np.empty(0))
    with pytest.raises(RuntimeError, match="hardly ever heard"):
        make(tmp_path)


def test_a_session_appears_complete_or_not_at_all(tmp_path, instant_physics, monkeypatch):
    session = make_plan(SMALL, 5).sessions[0]
    assert record_session(session, 5, "flac", tmp_path / "session") == len(session.takes)
    assert (tmp_path / "session" / "fingerprint").is_file()
    monkeypatch.setattr(recording, "write_video", None)
    with pytest.raises(TypeError):
        record_session(session, 5, "flac", tmp_path / "broken")
    assert [path.name for path in tmp_path.iterdir()] == ["session"]
