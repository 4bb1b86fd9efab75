import sys

__all__ = ["TELLGRAPH"]

TELLGRAPH = (sys.executable, "-c", "from ui.cli import main; main()")
"""The program as a process of its own."""
