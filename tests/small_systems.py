"""Both systems with their real networks, and as few epochs as clicks and squares need."""

from dataclasses import replace

from labutils.contrastive_loss import ReportLoss
from labutils.systems import contact, report
from labutils.towers import TowerSettings
from labutils.training import ClassifierSettings

SMALL = replace(
    report.FAST,
    downsample=(32, 4),
    audio=ClassifierSettings(epochs=8, batch_size=4, learning_rate=0.02),
    frames=ClassifierSettings(epochs=6, batch_size=12, learning_rate=0.1),
    frames_per_clip=2,
    towers=TowerSettings(epochs=2, loss=ReportLoss(weight=0.1)),
)
SMALL_CONTACT = replace(
    contact.QUICK,
    maps=replace(contact.QUICK.maps, epochs=30),
    path=replace(contact.QUICK.path, epochs=20, batch_size=8),
    sound=replace(contact.QUICK.sound, epochs=20),
)
QUICKEST = replace(
    SMALL_CONTACT,
    maps=replace(SMALL_CONTACT.maps, epochs=3),
    path=replace(SMALL_CONTACT.path, widths=(4, 4, 8, 8), epochs=3),
    sound=replace(SMALL_CONTACT.sound, epochs=10),
)
"""Where it is asked what is done, not how well."""


def interrupted(function):
    """The same function, but for its second call, which Ctrl-C meets."""
    calls = []

    def call(*args, **options):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return function(*args, **options)

    return call
