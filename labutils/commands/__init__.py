"""The commands of `python -m labutils`, one file each: what it takes, and what it does with it."""
