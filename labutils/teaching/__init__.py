"""What students and teachers need: exercises that answer back, quizzes, the game, and the students' copies."""
