"""The way in that the course and the notebooks know."""

from labutils import system
from labutils.systems import model_files, tasks


def test_the_face_names_the_tasks_and_load():
    assert system.load is model_files.load
    assert [system.test_task1, system.test_task2, system.test_task3] == [
        tasks.test_task1,
        tasks.test_task2,
        tasks.test_task3,
    ]
