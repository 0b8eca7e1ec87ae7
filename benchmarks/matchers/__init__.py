"""Methods that match sounds with videos, one file a family: what `benchmarks/matching.py` compares."""
