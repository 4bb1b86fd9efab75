"""What can go wrong while models are built, trained, evaluated or asked.

TrainingError
├── RecipeError              a recipe has an unknown field or an impossible combination
├── PretrainedError          pretrained weights cannot be fetched, or are not what they should be
├── Interrupted              a training was asked to stop
├── RunError                 a run folder is missing, incomplete, or does not fit its snapshot
├── EvaluationError          dialogues give no instance, or nothing can be scored
└── EndpointError            the language model behind an address cannot be used
    └── NoAnswerError        it did not answer one question, and may answer the next
"""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "EndpointError",
    "EvaluationError",
    "Interrupted",
    "NoAnswerError",
    "PretrainedError",
    "RecipeError",
    "RunError",
    "TrainingError",
    "no_training_turn",
]


class TrainingError(Exception):
    """Base of every error that `training` raises on purpose."""


class RecipeError(TrainingError):
    """A recipe has an unknown field or an impossible combination."""


class PretrainedError(TrainingError):
    """Pretrained weights cannot be fetched, or are not what they should be."""


class Interrupted(TrainingError):
    """A training was asked to stop; what it had learnt is in its checkpoint."""


class RunError(TrainingError):
    """A run folder is missing, incomplete, or does not fit its snapshot."""


class EvaluationError(TrainingError):
    """Dialogues give no instance, or nothing can be scored."""


class EndpointError(TrainingError):
    """The language model behind an address cannot be used."""


class NoAnswerError(EndpointError):
    """The language model did not answer one question, and may answer the next."""


def no_training_turn(snapshot: Path) -> TrainingError:
    """The error of whoever finds nothing to learn from in a snapshot's folder."""
    return TrainingError(
        f"{snapshot} holds no training turn to learn from. Ingest dialogues with --split train "
        "whose recommender mentions items (orders: --format log), and export again."
    )
