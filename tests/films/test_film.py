"""Films hold what they say: the length, the sound or no sound, the contacts, and no more words than they are given."""

import base64
import io
import re

import av
import numpy as np
import pytest

from labutils.clips import SAMPLE_RATE_HZ, train_clips
from labutils.films import Scene, film, films, silent_film
from labutils.films.film import FULL_SCALE, SOFTEST_HIT, heard_contacts, sound_track
from labutils.films.picture import RIM_PX, Contacts


@pytest.fixture(scope="module")
def clips(tiny_data):
    return train_clips(tiny_data)


@pytest.fixture(scope="module")
def shown(clips):
    return film(clips[-1], caption="a <block> & its sound", note="margin 2.0 nats")


def streams(html: str) -> dict[str, list]:
    """Decode everything in the one film of a piece of HTML."""
    (packed,) = re.findall(r'src="data:video/webm;base64,([A-Za-z0-9+/=]+)"', html)
    found = {}
    for kind in ("video", "audio"):
        with av.open(io.BytesIO(base64.b64decode(packed))) as container:
            if getattr(container.streams, kind):
                found[kind] = list(container.decode(**{kind: 0}))
    return found


def test_a_film_of_a_clip_has_four_seconds_of_pictures_and_sound(shown):
    found = streams(shown._repr_html_())
    assert len(found["video"]) == 60 and (found["video"][0].width, found["video"][0].height) == (640, 348)
    samples = sum(frame.samples for frame in found["audio"])
    assert samples / 48000 == pytest.approx(4.0, abs=0.05)
    assert len(shown.webm) < 120_000


def test_the_loudest_moment_is_heard_where_it_is(shown, clips):
    sound = np.concatenate([frame.to_ndarray() for frame in streams(shown._repr_html_())["audio"]], axis=1)
    audio = np.abs(clips[-1].audio()).max(axis=1)
    assert np.abs(sound).max(axis=0).argmax() / 48000 == pytest.approx(
        audio.argmax() / SAMPLE_RATE_HZ, abs=0.05
    )


def test_a_silent_film_has_no_sound_and_shows_none(clips):
    quiet = silent_film(clips[-1], caption="film A")
    found = streams(quiet._repr_html_())
    assert set(found) == {"video"} and len(found["video"]) == 60
    size = found["video"][0].width, found["video"][0].height
    assert size == (288, 348)  # the tray alone, with its rim: no microphones
    border = np.stack([frame.to_ndarray(format="rgb24")[2:8, 20:-20] for frame in found["video"]])
    assert np.ptp(border.astype(int), axis=-1).max() < 12  # no wall lights up: they stay grey


def test_nothing_is_drawn_where_a_browser_lays_its_controls(clips, shown):
    for html in (shown._repr_html_(), silent_film(clips[-1], caption="")._repr_html_()):
        rim = np.stack([frame.to_ndarray(format="rgb24")[-RIM_PX + 2 :] for frame in streams(html)["video"]])
        assert rim.min() > 245


def test_words_are_text_and_not_markup_and_there_is_no_script(shown):
    html = shown._repr_html_()
    assert "<figcaption>a &lt;block&gt; &amp; its sound</figcaption>" in html
    assert 'aria-label="film with sound: a &lt;block&gt; &amp; its sound"' in html
    assert "<small>margin 2.0 nats</small>" in html and "<script" not in html and "<video controls" in html


def test_what_nbval_reads_of_a_film_does_not_depend_on_the_data(clips, shown):
    assert (
        repr(shown) == "A film with sound." and repr(silent_film(clips[0], caption="x")) == "A silent film."
    )


def test_same_clip_same_bytes(clips):
    assert film(clips[0], caption="once").webm == film(clips[0], caption="again").webm


def test_the_sound_of_another_clip_is_heard_and_drawn(clips):
    own, other = film(clips[0], caption=""), film(clips[0], clips[-1], caption="")
    assert other.webm == film(clips[0], clips[-1].audio(), caption="").webm != own.webm


def test_one_microphone_sounds_in_both_ears():
    audio = np.zeros((4410, 4))
    audio[2000:2400, 1] = np.sin(np.arange(400) / 3)
    alone, left_only = sound_track(audio, microphone=1), sound_track(audio)
    assert np.allclose(alone[:, 0], alone[:, 1]) and np.abs(alone).max() == pytest.approx(FULL_SCALE)
    assert np.abs(left_only[:, 1]).max() == 0 and np.abs(left_only[:, 0]).max() == pytest.approx(FULL_SCALE)
    assert np.all(sound_track(audio, microphone=0) == 0)


def test_left_and_right_wall_sound_in_their_ears_the_others_in_both():
    for wall, ears in enumerate([(1, 1), (1, 0), (1, 1), (0, 1)]):
        audio = np.zeros((4410, 4))
        audio[2000:2400, wall] = 0.1
        heard = np.abs(sound_track(audio)).max(axis=0) > 0.1
        assert tuple(heard.astype(int)) == ears


def hit_at_3_s(peaks, noise=1e-5) -> np.ndarray:
    """Four seconds of noise with a tone of 45 ms at 3 s, so loud at each of the four microphones; [samples, 4]."""
    audio = np.random.default_rng(0).normal(0, 1, (4 * SAMPLE_RATE_HZ, 4)) * noise
    audio[3 * SAMPLE_RATE_HZ :][:2000] += np.sin(np.arange(2000) / 4)[:, None] * peaks
    return audio.astype(np.float32)


def test_a_jump_at_one_microphone_is_a_contact_there():
    found = heard_contacts(hit_at_3_s([0, 0, 1.0, 0], noise=1e-4))
    assert list(found.walls) == [2] and found.times_s == pytest.approx([3.0], abs=0.09)


def test_a_hit_is_marked_at_the_loudest_microphone_alone():
    # the wall without noise jumps the most, wherever the hit is
    for others in (1e-5, 1e-3, 1e-2):
        noise = np.array([1e-5, others, others, others])
        assert list(heard_contacts(hit_at_3_s([0.3, 0.1, 0.8, 0.1], noise)).walls) == [2]
        assert list(heard_contacts(hit_at_3_s([0.3, 0.1, 0.2, 0.1], noise)).walls) == [0]


def test_what_grows_slowly_is_no_hit():
    noise = 10 ** np.linspace(-4, -1, 4 * SAMPLE_RATE_HZ)[:, None]  # 60 dB in 4 s
    assert list(heard_contacts(hit_at_3_s([0, 0, 0, 0], noise)).walls) == []


def test_what_is_softer_than_a_hit_is_not_marked():
    soft, loud = (
        heard_contacts(hit_at_3_s([0, peak, 0, 0])) for peak in (0.8 * SOFTEST_HIT, 1.2 * SOFTEST_HIT)
    )
    assert list(soft.walls) == [] and list(loud.walls) == [1]


def test_contacts_that_are_known_are_marked_instead():
    scene = Scene(np.zeros((2, 440, 440, 3), np.uint8), np.array([0.5, 1.5]), np.full((2, 2), 0.5), 2.0)
    audio = np.random.default_rng(0).normal(0, 0.01, (5 * SAMPLE_RATE_HZ, 4))
    nothing, hit = (
        film(scene, audio, caption="", contacts=contacts) for contacts in (Contacts(), Contacts([1.0], [0]))
    )
    assert nothing.webm != hit.webm and len(streams(hit._repr_html_())["video"]) == 30


def test_films_can_be_drawn_on_one_range_of_levels(clips):
    own, given = (
        film(clips[0], caption="", level_range_db=level_range_db) for level_range_db in (None, (-120, 0))
    )
    assert own.webm != given.webm


def test_films_stand_side_by_side(shown):
    assert films([shown, shown]).data.count("<video") == 2 and "flex-wrap:wrap" in films([]).data
