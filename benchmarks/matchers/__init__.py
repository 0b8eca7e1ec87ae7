"""Methods that match sounds with videos, all asked alike: one file for each family."""
