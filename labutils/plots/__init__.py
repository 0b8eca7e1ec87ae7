"""Every figure of the lab: pure drawing functions on numpy arrays.

Each function draws into the axes it is given, or makes a figure, and returns the axes it drew on; none shows or clears
anything.
"""

from labutils.plots.contact_maps import (
    plot_contact_maps,
    plot_film_strip,
    plot_pair,
    plot_wall_distances,
)
from labutils.plots.heard_path import plot_heard_path
from labutils.plots.learning import (
    plot_contrastive_loss,
    plot_depth_curves,
    plot_history,
    plot_pair_distances,
)
from labutils.plots.matching import plot_class_heatmaps, plot_distance_heatmap
from labutils.plots.motion import (
    plot_end_places,
    plot_frames,
    plot_hits_on_path,
    plot_masks_of_classes,
    plot_trajectories,
    plot_trajectory,
    plot_travel,
)
from labutils.plots.scores import plot_confusion, plot_gains, plot_reliability, plot_scores
from labutils.plots.sound import (
    plot_hits_in_sound,
    plot_level_histogram,
    plot_mel_bands,
    plot_microphones,
    plot_sound_of_classes,
    plot_spectrogram,
    plot_spectrogram_channel,
    plot_waveform,
)
from labutils.plots.style import (
    BLUE,
    GREEN,
    LINE_STYLES,
    ORANGE,
    PALETTE,
    SOUND_COLOUR_MAP,
    VERMILION,
)
from labutils.plots.sweeps import plot_sweep

__all__ = [
    "BLUE",
    "GREEN",
    "LINE_STYLES",
    "ORANGE",
    "PALETTE",
    "SOUND_COLOUR_MAP",
    "VERMILION",
    "plot_class_heatmaps",
    "plot_confusion",
    "plot_contact_maps",
    "plot_contrastive_loss",
    "plot_depth_curves",
    "plot_distance_heatmap",
    "plot_end_places",
    "plot_film_strip",
    "plot_frames",
    "plot_gains",
    "plot_heard_path",
    "plot_history",
    "plot_hits_in_sound",
    "plot_hits_on_path",
    "plot_level_histogram",
    "plot_masks_of_classes",
    "plot_mel_bands",
    "plot_microphones",
    "plot_pair",
    "plot_pair_distances",
    "plot_reliability",
    "plot_scores",
    "plot_sound_of_classes",
    "plot_spectrogram",
    "plot_spectrogram_channel",
    "plot_sweep",
    "plot_trajectories",
    "plot_trajectory",
    "plot_travel",
    "plot_wall_distances",
    "plot_waveform",
]
