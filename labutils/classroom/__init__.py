"""What a teacher needs: data for each student with the truth withheld, and grades for the answers that come back."""
