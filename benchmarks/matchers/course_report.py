"""The course report's system, asked as it answers by itself."""

from dataclasses import dataclass, replace
from pathlib import Path

from labutils.clips import data_set_fingerprint
from labutils.errors import LabError
from labutils.systems import catalogue, model_files, report
from matchers.groups import COMPLETE_TASK, Answer, TestGroup

REPORT = Path(__file__).resolve().parents[2] / "models" / "report"


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
    """The report's system at its own size, from `models/report`.

    Raises:
        LabError: if none was trained on these clips; it takes an hour or two, so nobody starts it by the way.
    """
    if not is_report_trained(train_folder):
        raise LabError(
            f"{REPORT}: holds no system trained on {train_folder}; train it with 'python -m labutils train --system report "
            f"--data {train_folder} --models {REPORT}', or compare with 'report, fast'."
        )
    return SystemMatcher(model_files.load(REPORT), kept / "features")


def is_report_trained(train_folder: Path) -> bool:
    """Tell whether `models/report` was trained on these clips."""
    if not model_files.is_trained(REPORT):
        return False
    return model_files.load(REPORT).metadata.get("data_set") == data_set_fingerprint(train_folder)


def report_fast(train_folder: Path, seed: int, kept: Path) -> SystemMatcher:
    """The report's system on a downsampled spectrogram, trained here unless that was done before."""
    settings = replace(catalogue.RECIPES["report-fast"], seed=seed)
    folder = f"report-fast-{seed}-{data_set_fingerprint(train_folder)[:8]}"
    system = catalogue.load_or_train(settings, train_folder, models=kept / folder, progress=False)
    return SystemMatcher(system, kept / "features")
