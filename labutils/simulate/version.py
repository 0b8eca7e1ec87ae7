"""The version of the simulator: what it is, it is from this day on; data made before were drafts."""

SIMULATOR_VERSION = 2
FROZEN = "2026-11-25"
