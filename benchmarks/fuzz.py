"""Let a fuzzer that sees which lines run look for files that the readers do not stand.

    pip install atheris
    python benchmarks/fuzz.py data/tiny                                  # every reader, a minute each
    python benchmarks/fuzz.py data/tiny --only a.pkl --seconds 600

Bytes changed at random, as in `robustness.py`, seldom get behind a header. Atheris (libFuzzer) keeps what reaches lines of
the lab that no file has reached before, and goes on from there. A file ends well if it gives an answer or one sentence,
within 10 s and 3 GB; one that does not is kept in `--out`, and named. Prints how many files each reader stood.
"""

import argparse
import importlib.util
import logging
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MOST_S, MOST_MB = 10, 3000


def main() -> int:
    """Fuzz reader after reader, each in a process of its own; 1 if a file was not stood."""
    options = parse_options()
    if options.inside:
        fuzz(options.only[0], options.data, options.inside, options.seconds, options.out)
    if importlib.util.find_spec("atheris") is None:
        sys.exit("atheris is not installed, expected it beside the lab: pip install atheris.")
    from attacks.actions import SETTINGS
    from attacks.odd_input import originals

    from labutils.systems import catalogue

    bad = 0
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        catalogue.train(SETTINGS, options.data, models=models, progress=False)
        names = write_corpus(originals(models), Path(folder) / "corpus")
        for name in options.only or names:
            command = [sys.executable, __file__, models, "--inside", folder, "--only", name]
            command += ["--seconds", str(options.seconds), "--out", options.out]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            tried = re.findall(r"^#(\d+)", done.stdout, re.MULTILINE)
            print(f"{name:<28}{int(tried[-1]) if tried else 0:>9} files   {verdict(done)}", flush=True)
            bad += done.returncode != 0
    return int(bad > 0)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="a data set of the preset tiny")
    parser.add_argument("--only", nargs="+", metavar="FILE", help="some readers, by the name of their file")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader (default: 60)")
    parser.add_argument(
        "--out", type=Path, default=Path("fuzzed"), help="folder for files that are not stood"
    )
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def write_corpus(originals: list, folder: Path) -> list[str]:
    """Good files of every kind, from which the fuzzer sets out; their names."""
    for number, (name, content, _) in enumerate(originals):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / str(number)).write_bytes(content)
    return list(dict.fromkeys(name for name, *_ in originals))


def verdict(done: subprocess.CompletedProcess) -> str:
    """What a process of the fuzzer said in the end."""
    if done.returncode == 0:
        return "all stood"
    told = re.findall(r"RuntimeError: .*|ERROR: libFuzzer: .*|Test unit written to .*", done.stdout)
    return "; ".join(told) or done.stdout[-500:]


def fuzz(name: str, models: Path, folder: Path, seconds: int, out: Path) -> None:
    """Fuzz one reader; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["labutils"]):
        from attacks.odd_input import originals
        from attacks.outcome import answer_or_sentence
    logging.disable(logging.WARNING)
    read = {kind: reader for kind, _, reader in originals(models)}[name]
    path = folder / "fuzzed" / name
    path.parent.mkdir(exist_ok=True)

    def one_file(content: bytes) -> None:
        path.write_bytes(content)
        trouble = answer_or_sentence(lambda: read(path))
        if trouble:
            raise RuntimeError(trouble)

    limits = [f"-max_total_time={seconds}", f"-timeout={MOST_S}", f"-rss_limit_mb={MOST_MB}"]
    atheris.Setup(
        [sys.argv[0], str(folder / "corpus" / name), *limits, f"-artifact_prefix={out.resolve()}/{name}-"],
        one_file,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
