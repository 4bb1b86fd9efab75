"""The trainer: encoders, models, evaluation, explanation of a score."""
