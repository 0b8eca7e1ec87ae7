"""How a notebook shows its figures: drawn only to be shown, with their description in words, in the colours of the lab.

Notebook: all of them; `open_lab` switches it on.
"""

import matplotlib.pyplot as plt
from IPython import get_ipython
from matplotlib.figure import Figure

from labutils.plots.description import describe
from labutils.plots.style import PALETTE


def prepare_figures() -> None:
    """From here on, this notebook draws a figure when it shows it and not before, and describes it in words.

    Lines whose colour a cell does not name have the colours of the lab's palette.
    Pyplot would draw every open figure at the end of a cell, to bring its window up to date; in a notebook there is none,
    and the picture is drawn again right after. Outside a notebook nothing happens.
    """
    shell = get_ipython()
    if shell is not None:
        plt.rcParams["axes.prop_cycle"] = plt.cycler(color=PALETTE)
        shell.display_formatter.mimebundle_formatter.for_type(Figure, _beside_picture)
        if "inline" in plt.get_backend():
            plt.switch_backend(plt.get_backend())  # loads it, which connects it to the end of a cell
            plt.uninstall_repl_displayhook()


def _beside_picture(figure: Figure) -> tuple[dict, dict]:
    """No picture, only what is said of the picture: data and metadata by MIME type."""
    return {}, {"image/png": {"alt": describe(figure)}}
