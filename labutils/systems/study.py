"""A sweep with Optuna: its trials in a journal file that several processes share, and its figures.

Each process asks for a trial, trains, and tells the score. What is in the file stays: a process that was killed loses one
trial, the one it was at. The random numbers of a trial follow from the seed and its number.
"""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labutils.errors import LabError
from labutils.html_page import picture, plain_table

Objective = Callable[[dict[str, float]], float]
_SLICES = 4  # settings that are drawn one by one, the most important first


def open_study(path: Path, about: dict[str, str]) -> Any:
    """The study in a journal file, made if it is new.

    Args:
        path: of the file.
        about: system and data that its trials belong to.

    Raises:
        LabError: if Optuna is not installed, the file is no journal, or belongs to another system or other data.
    """
    study = _load(path)
    for name, value in about.items():
        found = study.user_attrs.get(name, value)
        if found != value:
            raise LabError(
                f"{path}: its trials have the {name} {found}, expected {value}; take another file."
            )
        study.set_user_attr(name, value)
    return study


def read_study(path: Path) -> Any:
    """The study in a journal file.

    Raises:
        LabError: if there is none, it has no finished trial, or Optuna is not installed.
    """
    if not path.is_file():
        raise LabError(
            f"{path} does not exist: expected the file of a sweep; make one: python -m labutils sweep."
        )
    study = _load(path)
    if not _finished(study):
        raise LabError(f"{path} holds no finished trial: expected one at least.")
    return study


def _load(path: Path) -> Any:
    try:
        import optuna
        from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock, JournalFileSymlinkLock
    except ModuleNotFoundError as error:
        raise LabError(
            "optuna is not installed, expected the extra `scale`: pip install 'impact-lab[scale]'."
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    lock = JournalFileOpenLock if os.name == "nt" else JournalFileSymlinkLock
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(path), lock_obj=lock(str(path))))
        return optuna.create_study(
            storage=storage, study_name="impact-lab", direction="maximize", load_if_exists=True
        )
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise LabError(
            f"{path} is no journal of a sweep: expected one, or the name of a new file."
        ) from error


def run_trials(
    study: Any,
    objective: Objective,
    ranges: dict[str, tuple[float, float]],
    start: dict[str, float],
    *,
    trials: int,
    seed: int,
) -> None:
    """Add trials until the study has so many finished ones; other processes may be adding to it too.

    Args:
        study: of `open_study`.
        objective: values -> score, higher is better.
        ranges: name -> smallest and largest value; whole numbers where the value at the start is one.
        start: values of the first trial.
        trials: finished ones, of all processes together.
        seed: of the values that are drawn.
    """
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what Optuna calls experimental
        study.enqueue_trial(start, skip_if_exists=True)
        while len(_finished(study)) < trials:
            trial = study.ask()
            study.sampler = TPESampler(seed=seed * 100_003 + trial.number, constant_liar=True)
            try:
                score = objective({name: _suggest(trial, name, ranges[name], start[name]) for name in ranges})
            except BaseException:
                study.tell(trial, state=TrialState.FAIL)
                raise
            study.tell(trial, score)


def _finished(study: Any) -> list[Any]:
    return [trial for trial in study.get_trials(deepcopy=False) if trial.value is not None]


def _suggest(trial: Any, name: str, values: tuple[float, float], start: float) -> float:
    suggest = trial.suggest_int if isinstance(start, int) else trial.suggest_float
    return suggest(name, *values, log=True)


def study_section(study: Any) -> str:
    """A section of the evaluation page: the best trials, and how the score came about; HTML."""
    import matplotlib.pyplot as plt
    from optuna.visualization import matplotlib as figures

    best = sorted(_finished(study), key=lambda trial: -trial.value)[:5]
    rows = [
        (
            trial.number,
            f"{trial.value:.3f}",
            ", ".join(f"{name} {value:.4g}" for name, value in trial.params.items()),
        )
        for trial in best
    ]
    table = plain_table("Best trials", ("trial", "score on held-out sessions", "settings"), rows)
    with warnings.catch_warnings(), plt.rc_context():
        warnings.simplefilter("ignore")
        history = picture(
            figures.plot_optimization_history(study).figure, "Score of every trial, and the best so far."
        )
        parts = _importance(study, figures) if len(_finished(study)) > 2 else ""
    return f"<section><h2>Sweep of hyper-parameters</h2>{table}{history}{parts}</section>"


def _importance(study: Any, figures: Any) -> str:
    """Which settings the score depends on, and how on the most important ones."""
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator

    how = PedAnovaImportanceEvaluator()  # the usual one draws random forests, another one each time
    try:
        shares = optuna.importance.get_param_importances(study, evaluator=how)
    except RuntimeError:  # all scores are the same
        return ""
    names = list(shares)[:_SLICES]
    importance = figures.plot_param_importances(study, evaluator=how).figure
    slices = figures.plot_slice(study, params=names)[0].figure
    slices.set_size_inches(12, 3.5)
    return picture(importance, "How much of the score depends on each setting.") + picture(
        slices, "Score of every trial over the most important settings: " + ", ".join(names) + "."
    )
