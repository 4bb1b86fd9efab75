"""The demo's steps, from what ships to a trained and evaluated run.

fetch_models (meanwhile) ───────┐
sample ─► graph ─────────────► vectors ─► edges ─► snapshot ─► training ─► evaluation
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from graphstore.errors import GraphStoreError
from graphstore.export import export_snapshot
from graphstore.graph import Graph
from graphstore.ingest import FileIngest
from graphstore.rejects import RejectsFile
from graphstore.sample import SOURCE, SampleFiles, write_sample
from graphstore.snapshot import Snapshot
from training.errors import TrainingError
from training.pretrained import PUBLISHED, fetch, is_fetched
from training.recipe import AnyRecipe, load_any_recipe
from ui.demo_home import DemoHome, DemoOptions
from ui.demo_steps import Progress, Step, in_background
from ui.evaluate_command import EVALUATION

if TYPE_CHECKING:
    from training.runs import RunFolder

__all__ = ["demo_steps", "fetch_models"]

_NEIGHBOURS = 10  # k of Eq. 10 for INSPIRED, which has as many films


def fetch_models(home: DemoHome, options: DemoOptions, say: Callable[[str], None]) -> Future[None]:
    """Start fetching the pretrained models that are not there yet; the future ends when all of them are."""
    recipe, cache = load_any_recipe(options.recipe), home.settings.cache
    named = recipe.pretrained | {options.models.text, options.models.image}
    missing = sorted(name for name in named if name in PUBLISHED and not is_fetched(name, cache))
    download = sum(PUBLISHED[name].download_megabytes for name in missing)
    stored = sum(PUBLISHED[name].stored_megabytes for name in missing)
    if missing:
        say(f"Fetching {', '.join(missing)} meanwhile: {download} MB, {stored} MB stored in {cache}, once.")

    def work() -> None:
        for name in missing:
            fetch(name, cache, lambda line: None)

    return in_background(work)


def demo_steps(home: DemoHome, options: DemoOptions, graph: Graph, models: Future[None]) -> list[Step]:
    """What is to be done, in order. `models` ends when the pretrained models are there."""
    steps = _Steps(home, options, graph, models)
    sample = SampleFiles.inside(home.sample)
    return [
        Step("sample", "Drawing posters, simulating dialogues", steps.sample, sample.items),
        Step("graph", "Facts, films and dialogues into Neo4j", steps.ingest),
        Step("vectors", "Vectors of descriptions, posters and what was said", steps.vectors),
        Step("edges", "Edges: mentioned together, alike in text, alike in looks", steps.edges),
        Step("snapshot", "Export of the graph", steps.export, home.snapshot / "manifest.json"),
        Step("training", "Training on simulated dialogues", steps.train, home.run / "model.safetensors"),
        Step("evaluation", "Evaluation on simulated dialogues", steps.evaluate, home.evaluation),
    ]


@dataclass(frozen=True)
class _Steps:
    home: DemoHome
    options: DemoOptions
    graph: Graph
    models: Future[None]

    def sample(self, progress: Progress) -> None:
        write_sample(self.home.sample, self.options.sample, partial(progress, "posters"))

    def ingest(self, progress: Progress) -> None:
        """Into an empty graph, so that nothing of an older sample stays."""
        self.graph.write("delete_everything")
        files = SampleFiles.inside(self.home.sample)
        with RejectsFile(self.home.folder / "rejects.jsonl") as rejects:

            def ingest(path: Path, source: str) -> FileIngest:
                size = path.stat().st_size
                return FileIngest(self.graph, path, rejects, source, lambda done: progress(path.name, done, size))

            # Whatever makes an entity gives it its source: films come first, so that cards can say "drawn".
            ingest(files.items, SOURCE).items()
            ingest(files.facts, "dbpedia").triples()
            ingest(files.train, SOURCE).dialogues("tellgraph", "train", quotable=True)
            ingest(files.valid, SOURCE).dialogues("tellgraph", "valid", quotable=True)

    def vectors(self, progress: Progress) -> None:
        from training.pipeline import build_vectors  # torch takes seconds to import, and not every run needs it

        self.models.result()
        build_vectors(self.graph, self.options.models, self.home.settings.cache, progress)

    def edges(self, progress: Progress) -> None:
        from training.pipeline import EdgeOptions, build_edges

        build_edges(self.graph, EdgeOptions(neighbours=_NEIGHBOURS), progress)

    def export(self, progress: Progress) -> None:
        export_snapshot(self.graph, self.home.snapshot)

    def train(self, progress: Progress) -> None:
        """Go on with an unfinished run of the same recipe and snapshot, else begin anew."""
        from training.loop import Interrupted, train
        from training.runs import RunFolder
        from ui.train_command import ProgressBars, stop_after_a_step

        recipe, snapshot = load_any_recipe(self.options.recipe), Snapshot.open(self.home.snapshot)
        run = RunFolder(self.home.run)
        if not _belongs(run, recipe, snapshot):
            shutil.rmtree(self.home.run, ignore_errors=True)
            run = RunFolder.create(self.home.run, recipe, snapshot)
        with stop_after_a_step() as wishes, ProgressBars() as bars:
            try:
                train(run, self.home.settings.cache, progress=bars, stopped=lambda: bool(wishes))
            except Interrupted as error:
                raise KeyboardInterrupt from error

    def evaluate(self, progress: Progress) -> None:
        from training.evaluation import evaluate_systems
        from training.instances import split_instances
        from training.ladder import ladder
        from training.recommender import Recommender
        from training.runs import RunFolder

        recommender = Recommender.load(self.home.run, self.home.settings.cache)
        snapshot = recommender.snapshot
        instances = split_instances(snapshot, "valid")
        report = evaluate_systems(ladder(recommender), instances, snapshot, on_batch=progress)
        RunFolder(self.home.run).write_json(EVALUATION, {"dialogues": "valid, simulated"} | report.as_json())


def _belongs(run: RunFolder, recipe: AnyRecipe, snapshot: Snapshot) -> bool:
    """Whether a run is one of this recipe on this snapshot, finished or not."""
    try:
        return run.recipe == recipe and run.snapshot().manifest == snapshot.manifest
    except (TrainingError, GraphStoreError):
        return False
