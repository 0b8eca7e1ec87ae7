"""What the course adds to the lab: exercises that answer back, quizzes, and the students' copies of the notebooks."""
