"""Tables of movement and of what the pictures show of contacts, on cases made by hand."""

import numpy as np
import pandas as pd
import pytest
from matchers.groups import read_groups
from matchers.true_events import Event
from movement import camera_table, contacts_of, movement_of, movement_table


def test_shares_of_a_class_and_of_all():
    clips = pd.DataFrame(
        {"class": [4, 4, 1], "reach_cm": [0.2, 1.5, 9.0], "beside a twin": [True, False, False]}
    )
    table = movement_table(clips).set_index("class")
    assert table.index.tolist() == ["green_basketball", "stanley_screwdriver", "all"]
    assert table.loc["stanley_screwdriver"].tolist() == pytest.approx([2, 0.85, 0.5, 1.0, 0.5])
    assert table.loc["all", "below 1 cm"] == pytest.approx(1 / 3)


def there_and_back(contacts_s: list[float], speed_change: list[float]) -> Event:
    """An object that turns at the right wall at 0.9 s, and contacts with that wall."""
    x = np.array([0.1, 0.3, 0.5, 0.7, 0.9, 0.9, 0.7, 0.5, 0.3, 0.1])
    place = np.stack([x, np.full(10, 0.5)], axis=1)
    walls = np.full(len(contacts_s), 3)
    return Event(4, np.array(contacts_s), walls, np.array(speed_change), 0.2 * np.arange(10), place, place)


def test_contacts_are_found_with_their_error_or_lost():
    nothing = there_and_back([], [])
    found = contacts_of([there_and_back([0.3, 0.86], [0.1, 0.5]), nothing])
    assert found["error_s"].tolist() == pytest.approx([np.inf, 0.04])
    table = camera_table(found).set_index("class")
    assert table.loc["all"].tolist() == pytest.approx([2, 0.5, 0.0, 40.0, 40.0])


def test_every_video_of_a_group_is_measured(click_data, tmp_path):
    (group,) = read_groups(click_data, "task2")
    table = movement_of(group, tmp_path)
    assert table["class"].tolist() == group.video_class.tolist()
    assert (table["reach_cm"] > 3).all()  # the squares go from the middle to a wall
