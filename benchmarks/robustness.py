"""How the lab stands what goes wrong: kills, full disks, damage, odd input, two at once. Prints one table.

    python benchmarks/robustness.py data/tiny            # a few minutes, as in CI
    python benchmarks/robustness.py data/tiny --long     # every file operation, ten thousand mutated inputs: by hand

Each case ends well if the lab answers, or says what is wrong in one sentence. Kills and full disks must also leave nothing
over, and the same again must end in the same bytes. Needs a system with `fork`.
"""

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from attacks import broken_off, odd_input, state
from attacks.actions import SETTINGS, actions, without_clock, without_physics
from attacks.outcome import Outcome

from labutils.systems import catalogue


def attacks(data: Path, folder: Path, *, long: bool) -> dict[str, Callable[[], Outcome]]:
    """Every attack by its name.

    Args:
        data: a `tiny` data set.
        folder: where files are written.
        long: all cases instead of a few.
    """
    models = folder / "models"
    without_clock()
    catalogue.train(SETTINGS, data, models=models, progress=False)
    without_physics()
    all_actions, rng = actions(data, models), np.random.default_rng(0)
    return {
        "kills": lambda: broken_off.kills(all_actions, folder / "kills", 10**6 if long else 3),
        "mutated": lambda: odd_input.mutated_inputs(models, folder, 10_000 if long else 400, rng),
        "pickles": lambda: odd_input.hostile_pickles(folder),
        "names": lambda: odd_input.hostile_names(data, folder),
        "disk": lambda: broken_off.full_disk(all_actions, folder / "disk", 20 if long else 2),
        "damage": lambda: state.damaged_state(data, models, folder),
        "two": lambda: state.two_at_once(all_actions, data, models, folder),
        "permissions": lambda: state.permissions(data, models, folder),
        "degenerate": odd_input.degenerate_groups,
        "again": lambda: state.same_again(data, models, folder),
    }


def main() -> int:
    """Carry out the attacks and print the table; 1 if a case went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="a data set of the preset tiny")
    parser.add_argument("--long", action="store_true", help="all cases: an hour")
    parser.add_argument("--only", nargs="+", metavar="ATTACK", help="some attacks, by name")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        named = attacks(options.data.resolve(), Path(folder), long=options.long)
        if unknown := set(options.only or ()) - set(named):
            parser.error(f"no attack {', '.join(sorted(unknown))}: expected some of {', '.join(named)}")
        found = []
        for name in options.only or named:
            found.append(named[name]())
            print(table(found[-1:]), flush=True)
    print(f"\n{sum(o.good for o in found)} of {sum(o.tried for o in found)} went well")
    return int(any(outcome.bad for outcome in found))


def table(outcomes: list[Outcome]) -> str:
    """One row for each attack: how many cases went well, the slowest one, and what was seen in the others."""
    rows = []
    for o in outcomes:
        rows.append(f"{o.name:<28}{o.good:>6} of {o.tried:<6}{o.worst_s:>7.1f} s")
        rows += [f"    {what}" for what in o.bad[:8]]
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
