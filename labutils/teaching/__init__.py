"""What students and teachers need: exercises' checks, quiz, game."""
