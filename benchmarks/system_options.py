"""The command line of benchmarks that ask one trained system about the tests of some data sets."""

import argparse
from pathlib import Path


def parse_system_options(docstring: str) -> argparse.Namespace:
    """Read models, kept, out and data from the command line; the first line of the docstring says what is asked."""
    parser = argparse.ArgumentParser(description=docstring.partition("\n")[0])
    parser.add_argument("--models", type=Path, default=Path("models/lab"))
    parser.add_argument("--kept", type=Path, default=Path("models/benchmark/features"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/lab"))
    parser.add_argument("data", type=Path, nargs="+")
    return parser.parse_args()
