"""The course report's system, asked as it answers by itself."""

from dataclasses import dataclass, replace
from pathlib import Path

from labutils.clips import data_set_fingerprint
from labutils.systems import catalogue, model_files, report
from matchers.groups import COMPLETE_TASK, Answer, TestGroup

MODELS = Path(__file__).resolve().parents[2] / "models"


@dataclass(frozen=True)
class SystemMatcher:
    """A whole system behind its interface.

    Attributes:
        system: which answers.
        cache: folder for features of the test clips.
    """

    system: report.ReportSystem
    cache: Path

    def answer(self, group: TestGroup) -> Answer:
        """The system's own matching."""
        kept = {"cache": self.cache, "progress": False}
        sounds = self.system.sound_features(group.sounds, **kept)
        videos = self.system.video_features(group.videos, **kept)
        found = self.system.match(sounds, videos, complete=group.task == COMPLETE_TASK)
        return Answer(found.assignment, found.scores)


def report_system(train_folder: Path, seed: int, kept: Path) -> SystemMatcher:
    """The report's system at its own size, from `models/report`; `report_fast` if none was trained on these clips."""
    folder = MODELS / "report"
    if model_files.is_trained(folder):
        system = model_files.load(folder)
        if system.metadata.get("data_set") == data_set_fingerprint(train_folder):
            return SystemMatcher(system, kept / "features")
    return report_fast(train_folder, seed, kept)


def report_fast(train_folder: Path, seed: int, kept: Path) -> SystemMatcher:
    """The report's system on a downsampled spectrogram, trained here unless that was done before."""
    settings = replace(catalogue.RECIPES["report-fast"], seed=seed)
    system = catalogue.load_or_train(
        settings, train_folder, models=kept / f"report-fast-{seed}", progress=False
    )
    return SystemMatcher(system, kept / "features")
