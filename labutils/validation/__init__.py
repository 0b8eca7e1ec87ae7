"""The simulator held against the recordings: statistics of motion, sound and masks, physics, shortcuts, and a page."""
