"""What the pages share: what `tellgraph app` passed on, what is loaded once for everybody, and how trouble looks."""

from __future__ import annotations

import argparse
import base64
import io
import re
from collections.abc import Iterable
from pathlib import Path

import streamlit as st
from PIL import Image

from graphstore.graph import Graph
from graphstore.settings import Settings
from training.recommender import Recommender
from ui import page_parts
from ui.chat_setup import GraphSummary, load_words, open_filled_graph, open_run
from ui.writer import Writer

__all__ = [
    "cached_graph",
    "cached_run",
    "cached_words",
    "options",
    "picture_address",
    "picture_of",
    "plain",
    "settings_of",
    "trouble",
]

_POSTER_WIDTH = 360  # pixels: twice the width of a card
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:])")


def options() -> argparse.Namespace:
    """What `tellgraph app` passed on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--runs", type=Path)
    parser.add_argument("--words", default="auto")
    parser.add_argument("--home", type=Path)
    return parser.parse_args()


def settings_of(home: Path | None) -> Settings:
    """The environment's settings, or those of a private Neo4j in `home`."""
    settings = Settings.from_environment()
    return Settings(home, settings.cache, java_home=settings.java_home) if home else settings


@st.cache_resource(show_spinner=False)
def cached_run(run: Path, home: Path | None) -> Recommender:
    """The model, once for everybody; its graph part is computed here and not in the first answer."""
    recommender = open_run(run, settings_of(home))
    recommender.warm_up()
    return recommender


@st.cache_resource(show_spinner=False)
def cached_graph(home: Path | None) -> tuple[Graph, GraphSummary]:
    """The connection, once for everybody."""
    return open_filled_graph(settings_of(home))


@st.cache_resource(show_spinner=False)
def cached_words(name: str, run: Path, home: Path | None) -> Writer | None:
    """Who writes, once for everybody."""
    return load_words(name, cached_run(run, home), settings_of(home))


@st.cache_data(show_spinner=False, max_entries=500)
def picture_address(path: str, changed: float) -> str | None:
    """A picture as a small data address, or None where the file is no picture. changed: when the file did."""
    try:
        with Image.open(path) as picture:
            picture.thumbnail((_POSTER_WIDTH, 2 * _POSTER_WIDTH))
            packed = io.BytesIO()
            picture.convert("RGB").save(packed, "JPEG", quality=82)
    except (OSError, ValueError):
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(packed.getvalue()).decode()}"


def picture_of(paths: Iterable[str | Path]) -> str | None:
    """The first of some pictures that is there, as a data address."""
    file = next((path for path in map(Path, paths) if path.is_file()), None)
    return picture_address(str(file), file.stat().st_mtime) if file else None


def trouble(title: str, sentence: str) -> None:
    """Something that the person can put right."""
    st.html(page_parts.trouble(title, sentence))
    with st.container(horizontal=True, horizontal_alignment="center", key="again"):
        st.button("Try again", type="primary")


def plain(text: str) -> str:
    """Text for a label of Streamlit's, which reads Markdown: every sign stands for itself."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
