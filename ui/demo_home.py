"""Where the demo's world is, and what it is made of.

Everything lives in one folder of its own, the private Neo4j's data included, so that the demo neither sees nor
touches a graph of the user's.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata, resources
from pathlib import Path

from filelock import FileLock, Timeout

from graphstore.graph import Graph
from graphstore.private_server import PrivateServer
from graphstore.sample import SampleOptions
from graphstore.settings import Settings
from training.pretrained import VectorModels
from training.recipe import load_any_recipe
from ui.demo_steps import StepRecord
from ui.errors import DoorError
from ui.evaluate_command import EVALUATION

__all__ = ["DemoHome", "DemoOptions", "demo_record"]


@dataclass(frozen=True)
class DemoOptions:
    """What the demo is made of; tests take less of it.

    sample: how many films and dialogues.
    recipe: the training recipe. models: the encoders of descriptions and posters.
    """

    sample: SampleOptions = field(default_factory=SampleOptions)
    recipe: str = "demo+evidence"
    models: VectorModels = field(default_factory=VectorModels)


@dataclass(frozen=True)
class DemoHome:
    """Where the demo's world is.

    settings: of its own private Neo4j; what the user set for another Neo4j plays no part.
    """

    settings: Settings

    @classmethod
    def inside(cls, user: Settings) -> DemoHome:
        """The demo of a user: a folder in their TELLGRAPH_HOME."""
        return cls(Settings(home=user.home / "demo", cache=user.cache, java_home=user.java_home))

    @property
    def folder(self) -> Path:
        """All of it, but for what was downloaded."""
        return self.settings.home

    @property
    def sample(self) -> Path:
        """Facts, items, dialogues and posters."""
        return self.folder / "sample"

    @property
    def snapshot(self) -> Path:
        """The exported graph."""
        return self.folder / "snapshot"

    @property
    def run(self) -> Path:
        """The trained run."""
        return self.folder / "run"

    @property
    def evaluation(self) -> Path:
        """Figures on the simulated validation dialogues, JSON."""
        return self.run / EVALUATION

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other demo from building here. Raises DoorError when one does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "demo.lock", timeout=0):
                yield
        except Timeout as error:
            raise DoorError(f"Another demo is being made in {self.folder}: wait until it is done.") from error

    @contextmanager
    def server(self) -> Iterator[Graph]:
        """Its Neo4j; stopped at the end unless it was running before."""
        server = PrivateServer(self.settings)
        was_running = server.status().running
        try:
            with server.connect() as graph:
                yield graph
        finally:
            if not was_running:
                server.stop()

    def clear(self) -> None:
        """Throw away everything but what was downloaded."""
        PrivateServer(self.settings).stop()
        for folder in (self.folder / "neo4j", self.sample, self.snapshot, self.run):
            shutil.rmtree(folder, ignore_errors=True)
        (self.folder / "steps.json").unlink(missing_ok=True)


def demo_record(home: DemoHome, options: DemoOptions) -> StepRecord:
    """The steps that are done, of this version of Tellgraph, its sample and these options."""
    made_of = hashlib.sha256(f"{metadata.version('tellgraph')} {options} {load_any_recipe(options.recipe)}".encode())
    for file in sorted(resources.files("graphstore.sample").iterdir(), key=lambda file: file.name):
        if file.is_file():
            made_of.update(file.read_bytes())
    return StepRecord(home.folder / "steps.json", made_of.hexdigest())
