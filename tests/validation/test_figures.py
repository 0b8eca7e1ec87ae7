"""The figures of the page: embedded, captioned, closed."""

import base64
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from labutils.clips import SAMPLE_RATE_HZ
from labutils.validation import figures
from labutils.validation.figures import draw_figures
from labutils.validation.findings import find


@pytest.fixture(scope="module")
def found(click_data):
    return find(click_data, progress=False)


@pytest.mark.parametrize(("section", "count"), [("motion", 2), ("sound", 2), ("masks", 1), ("physics", 0)])
def test_a_section_has_its_figures_and_leaves_none_open(found, section, count):
    before = plt.get_fignums()
    drawn = draw_figures(section, found)
    assert len(drawn) == count and plt.get_fignums() == before
    for figure in drawn:
        image, words = (
            re.search('src="data:image/png;base64,([^"]+)"', figure),
            re.search('alt="([^"]+)"', figure),
        )
        assert base64.b64decode(image.group(1)).startswith(b"\x89PNG")
        assert f"<figcaption>{words.group(1)}</figcaption>" in figure


def test_the_loudest_channel_is_shown():
    audio = np.zeros((4 * SAMPLE_RATE_HZ, 4))
    audio[:, 2] = 0.5 * np.sin(2 * np.pi * 441 * np.arange(len(audio)) / SAMPLE_RATE_HZ)
    picture, level_db = figures._loudest_channel(audio)
    assert picture.shape == (513, 196) and len(level_db) == 400
    np.testing.assert_allclose(level_db, 20 * np.log10(0.5 / np.sqrt(2)), atol=0.2)
