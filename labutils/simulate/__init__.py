"""A physical stand-in for the recordings: objects in a tilting tray, heard by four microphones and seen from above."""
