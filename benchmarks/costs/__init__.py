"""What parts of the lab cost, each beside a yardstick that was measured in the same run."""
