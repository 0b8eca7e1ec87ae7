"""The figures of the page, drawn by `labutils.plots` and written into the HTML as PNG."""

import numpy as np

from labutils import plots
from labutils.clips import SAMPLE_RATE_HZ, fit_length
from labutils.html_page import picture
from labutils.spectrogram import frame_times_s, frequencies_hz, spectrogram
from labutils.validation.comparison import number, real_statistics
from labutils.validation.findings import Findings
from labutils.validation.motion import real_motion
from labutils.validation.sound import MEL_EDGES_DB, full_scale_db, mel_moments_db, weigh_as_recorded

_ENVELOPE_S = 0.01


def draw_figures(section: str, findings: Findings) -> list[str]:
    """Return the figures of a section of the page as HTML."""
    functions = {"motion": (_travel, _ends), "sound": (_sounds, _mel), "masks": (_strips,)}
    return [draw(findings) for draw in functions.get(section, ())]


def _travel(findings: Findings) -> str:
    real = real_motion()
    motion = findings.measured.motion
    axes = plots.plot_travel({name: (row.travel_px, real[name].travel_px) for name, row in motion.items()})
    words = "Distribution of the travel of every class, simulated (solid) and recorded (dashed)."
    return picture(axes[0].figure, words)


def _ends(findings: Findings) -> str:
    real, ends = real_motion(), {}
    for name, row in findings.measured.motion.items():
        words = (
            f"corner {row.corner:.2f} ({real[name].corner:.2f})\nwall {row.wall:.2f} ({real[name].wall:.2f})"
        )
        ends[name] = findings.measured.ends[name].last_px, words
    axes = plots.plot_end_places(ends)
    words = (
        "Where the clips of every class end, from above, with the zones of corners, walls and middle; below each, the "
        "share of corners and walls, and in brackets that of the recordings."
    )
    return picture(axes[0].figure, words)


def _sounds(findings: Findings) -> str:
    sounds = {name: _loudest_channel(fit_length(clip.audio())) for name, clip in findings.examples.items()}
    axes = plots.plot_sound_of_classes(sounds, frame_times_s(), frequencies_hz())
    words = (
        "One clip of every class: spectrogram of its loudest channel, 0 to 8 kHz, and the level of that channel every "
        "10 ms. 0 dB is full scale."
    )
    return picture(axes[0].figure, words)


def _loudest_channel(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spectrogram and envelope of the loudest channel of a clip, both in dB."""
    channel = int(np.abs(audio).max(axis=0).argmax())
    step = round(_ENVELOPE_S * SAMPLE_RATE_HZ)
    wave = audio[: len(audio) // step * step, channel].reshape(-1, step)
    return spectrogram(audio)[channel], full_scale_db(np.sqrt(np.square(wave).mean(axis=1)))


def _mel(findings: Findings) -> str:
    counts, real = weigh_as_recorded(findings.measured.sound), real_statistics()["sound"]
    axes = plots.plot_level_histogram(
        counts,
        MEL_EDGES_DB,
        ours=mel_moments_db(counts),
        theirs=(real["mel_mean_db"]["value"], real["mel_std_db"]["value"]),
    )
    floor = number(counts[0] / counts.sum(), 2)
    words = (
        "Levels of all cells of the mel spectrograms, computed as a public solution does, every class weighed by its "
        f"number of recorded clips; {floor} lie on the floor."
    )
    return picture(axes.figure, words)


def _strips(findings: Findings) -> str:
    strips = {n: (c.frames(), c.masks(), c.frame_times_s()) for n, c in findings.examples.items()}
    axes = plots.plot_masks_of_classes(strips)
    return picture(
        axes[0, 0].figure, "Six frames of the same clips; the outline of the mask is drawn over them."
    )
