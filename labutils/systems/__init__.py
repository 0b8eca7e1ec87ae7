"""The whole systems: sounds and videos in, answers out."""
