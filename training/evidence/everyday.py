"""How people say the genres of films. Other catalogues' genres are looked for as they are written."""

from __future__ import annotations

__all__ = ["everyday_names"]

_NAMES = {
    "animation": "animated cartoon cartoons pixar disney",
    "biography": "biographical biopic biopics true-story",
    "comedy": "comedies funny humor humour hilarious laugh",
    "crime": "gangster gangsters mafia heist",
    "documentary": "documentaries",
    "drama": "dramas dramatic",
    "family": "kids children",
    "fantasy": "magic",
    "history": "historical",
    "horror": "scary creepy spooky",
    "musical": "musicals",
    "mystery": "mysteries whodunit",
    "romance": "romantic romcom rom-com love-story chick-flick",
    "sci-fi": "scifi science-fiction space",
    "sport": "sports",
    "superhero": "superheroes marvel",
    "thriller": "thrillers suspense suspenseful",
    "war": "military",
    "western": "westerns",
}


def everyday_names(genre: str) -> tuple[str, ...]:
    """The genre and what people call it."""
    others = _NAMES.get(genre.casefold(), "").split()
    return (genre, *(name.replace("-", " ") for name in others))
