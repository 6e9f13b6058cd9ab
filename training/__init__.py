"""Training, evaluation and export of the tagger; extraction needs none of it."""
