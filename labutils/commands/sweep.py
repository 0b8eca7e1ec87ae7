"""`sweep`: look for better settings."""

import argparse
from pathlib import Path

from labutils.commands.options import (
    add_command,
    add_data,
    add_models,
    add_seed,
    data_of,
    expect_outputs,
    give,
    models_of,
    shows_progress,
    whole_number,
)
from labutils.cores import usable_cores
from labutils.places import features_folder


def add(commands) -> None:
    """Add the command."""
    text = "Look for better settings, scored on held-out training sessions; needs the extra `scale`."
    command = add_command(commands, "sweep", text, run)
    command.add_argument(
        "--system", choices=("contact",), default="contact", help="what to train (default: contact)"
    )
    add_data(command)
    add_models(command, "whose features are used")
    add_seed(command, "of the settings that are drawn")
    command.add_argument(
        "--trials",
        type=whole_number(1),
        default=20,
        help="finished trials in the file, of all processes together (default: 20)",
    )
    command.add_argument(
        "--study",
        type=Path,
        default=Path("sweep.journal"),
        help="file of the trials; several processes may share it (default: sweep.journal)",
    )
    command.add_argument(
        "--workers",
        type=whole_number(1),
        default=usable_cores(),
        help="networks of a trial that are trained at the same time (default: one a processor)",
    )


def run(options: argparse.Namespace) -> None:
    """Look for them."""
    expect_outputs(options.study)
    from labutils.clips import data_set_fingerprint, find_dataset

    data = data_of(options)
    find_dataset(data)
    from labutils.systems import catalogue, study, sweep

    about = {"system": options.system, "data": str(data_set_fingerprint(data))}
    trials = study.open_study(options.study, about)
    settings = catalogue.RECIPES[options.system]
    objective = sweep.objective(
        data,
        settings,
        cache=features_folder(models_of(options)),
        workers=options.workers,
        progress=shows_progress(options),
    )
    start = sweep.values_of(settings)
    study.run_trials(trials, objective, sweep.RANGES, start, trials=options.trials, seed=options.seed)
    best = trials.best_trial
    found = {"study": options.study, "trial": best.number, "score": best.value, "settings": best.params}
    settings_line = ", ".join(f"{name} {value:.4g}" for name, value in best.params.items())
    give(
        options,
        found,
        f"best of {len(trials.trials)}: trial {best.number}, {best.value:.3f} ({settings_line})",
    )
