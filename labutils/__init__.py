"""The shared code of the Impact Lab: from clips on disk to sounds matched with silent videos."""
