"""How the scores of some methods change with one condition: one file for each condition."""
