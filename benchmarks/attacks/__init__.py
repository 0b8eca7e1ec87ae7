"""Attacks on the lab, each in a module of its own: what breaks off, what is damaged, what is odd, what comes at once."""
