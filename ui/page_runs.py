"""The page of runs. It only draws: the work is in `ui.run_list`."""

from __future__ import annotations

import streamlit as st

__all__ = ["runs"]


def runs() -> None:
    """The trained runs, beside each other."""
    st.title("Runs", anchor=False)
