"""A recommendation step of MSCRS at the paper's sizes: seconds, parts and peak memory, beside the language model alone.

    OMP_NUM_THREADS=2 TELLGRAPH_DATA=… python -m tests.bench.step [--world redial] [--steps 4] [--rows 20] [--soft 10]

GPT-2 of 124 million weights (DialoGPT-small's shape) and RoBERTa-base, both drawn at random; graphs as large as
ReDial's and INSPIRED's (tests/bench/_paper_worlds.py); batches of 16 chats with 128 tokens each. Steps are those of
`training.loop.train`. After each of them its parts run alone, forward and backward, in the same process:

    LM alone     the frozen language model over as many tokens, with gradients to what it reads
    LM, library  the same model as transformers loads it: training.backbone makes its activation one operation
    graph part   Eq. 1, 6-16 with the step's own dialogues left out of the counts
    fuse         Eq. 18
    optimizer    clipping and AdamW

Medians count, after one step to warm up. Processor time is that of all threads: it tells what the work costs on a
machine that has other work beside, where time alone does not. Peak memory is that of a process of its own per case
(getrusage), with all that a training loads in it, the frozen encoder included. That encoder reads every chat once,
before the first step.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import transformers

from graphstore.snapshot import Snapshot
from tests.bench._machine import peak, processor
from tests.bench._paper_worlds import SIZES, Size, write_paper_world
from training.assembly import Assembly, assemble
from training.errors import Interrupted
from training.examples import recommendation_examples
from training.loop import train
from training.models.mscrs import fuse_loss
from training.progress import Progress
from training.recipe import Recipe
from training.runs import RunFolder

BATCH, CONTEXT, AT_ONCE = 16, 128, 4
OF_A_STEP = ("LM alone", "graph part", "fuse", "optimizer")
PARTS = (*OF_A_STEP, "LM, library")
AIM_OF_GRAPH = 0.25  # of a step

Spent = tuple[float, float]  # seconds, and seconds of processors


def main() -> None:
    """Write models and worlds, measure each case in a process of its own, print."""
    given = options().parse_args()
    if given.case:
        print(json.dumps(CASES[given.case](given)))
        return
    print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}, seed {given.seed}")
    print(f"load {os.getloadavg()[0]:.1f} before, {BATCH} chats of {CONTEXT} tokens; {given.rows} prompt rows and "
          f"{given.soft} soft ones: the language model reads {tokens_of(given)} tokens a chat")  # fmt: skip
    data = os.environ.get("TELLGRAPH_DATA")
    with tempfile.TemporaryDirectory(prefix="tellgraph-bench-step-") as folder:
        write_models(Path(folder))
        for size in (one for one in SIZES if given.world in (None, one.folder)):
            snapshot = write_paper_world(size, Path(folder) / size.folder, Path(data) if data else None, given.seed)
            measured = {case: run_case(case, Path(folder), size, given) for case in CASES}
            report(size, snapshot, "the data set's facts" if data else "drawn facts", measured, tokens_of(given))


def options() -> argparse.ArgumentParser:
    """Of the command line; `--case` and `--folder` are for this script's own processes."""
    parser = argparse.ArgumentParser(description="A recommendation step at the paper's sizes.")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--soft", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--world", choices=[size.folder for size in SIZES], help="default: both, one after the other")
    return parser


def tokens_of(given: argparse.Namespace) -> int:
    """How many rows of a chat the language model reads."""
    return int(given.rows + given.soft + CONTEXT)


def write_models(folder: Path) -> None:
    """Both models with drawn weights, as folders that a recipe can name; a token is a byte."""
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.manual_seed(0)
    models = {
        "gpt2": transformers.GPT2LMHeadModel(transformers.GPT2Config()),
        "roberta": transformers.RobertaModel(
            transformers.RobertaConfig(vocab_size=50_265, max_position_embeddings=514, type_vocab_size=1)
        ),
    }
    for name, model in models.items():
        model.save_pretrained(folder / name)
        transformers.ByT5Tokenizer(extra_ids=0).save_pretrained(folder / name)


def run_case(case: str, folder: Path, size: Size, given: argparse.Namespace) -> dict[str, Any]:
    """What a process of its own measured."""
    command = [sys.executable, "-m", "tests.bench.step", "--case", case, "--folder", str(folder)]
    command += ["--world", size.folder, "--seed", str(given.seed)]
    command += ["--steps", str(2 if case == "step" else given.steps)]  # for memory, two steps are as good as more
    command += ["--rows", str(given.rows), "--soft", str(given.soft)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def recipe_of(given: argparse.Namespace) -> Recipe:
    """Batches of BATCH chats; one more than is measured."""
    return Recipe(
        name="bench",
        language_model=str(given.folder / "gpt2"),
        language_model_layers=0,
        context_encoder=str(given.folder / "roberta"),
        prompt_rows=given.rows,
        prompt_entities=given.rows,
        soft_rows=given.soft,
        context_tokens=CONTEXT,
        encoder_tokens=CONTEXT,
        batch_size=BATCH,
        pretrain_epochs=0,
        epochs=1,
        max_turns=BATCH * (given.steps + 2),  # one to warm up, and one that is not taken: an epoch's end validates
        seed=given.seed,
    )


class ReadingTime(Progress):
    """What the frozen encoder took for all chats."""

    spent: Spent = (0.0, 0.0)

    def phase(self, name: str, total: int) -> None:
        """The first phase reads, the next one begins when all is read."""
        self.spent = now() if name.startswith("read") else since(self.spent)


def now() -> Spent:
    """Of clocks that only run forwards."""
    return time.perf_counter(), time.process_time()


def since(began: Spent) -> Spent:
    """What was spent from then to now."""
    seconds, processors = now()
    return seconds - began[0], processors - began[1]


def steps(given: argparse.Namespace, recipe: Recipe, between: Callable[[], None]) -> dict[str, Any]:
    """What each step but the first took, and the frozen encoder for a batch. between: runs after each step."""
    spent: list[Spent] = []
    began = now()

    def stopped() -> bool:
        nonlocal began
        spent.append(since(began))
        between()
        began = now()
        return len(spent) > int(given.steps)

    snapshot, reading = Snapshot.open(given.folder / given.world), ReadingTime()
    with tempfile.TemporaryDirectory(prefix="tellgraph-bench-run-") as home, contextlib.suppress(Interrupted):
        run = RunFolder.create(Path(home) / "run", recipe, snapshot)
        train(run, given.folder, device="cpu", progress=reading, stopped=stopped, stages=("recommend",))
    encoder = [spent_on_all / recipe.max_turns * BATCH for spent_on_all in reading.spent]
    return {"step": spent[1:], "encoder": [encoder], "peak": peak()}


def whole_and_parts(given: argparse.Namespace) -> dict[str, Any]:
    """Steps of a training, and after each of them its parts alone."""
    recipe, times = recipe_of(given), defaultdict[str, list[Spent]](list)
    assembly = assemble(Snapshot.open(given.folder / given.world), recipe, given.folder, "cpu")
    parts = parts_of(assembly, published(given.folder))

    def between() -> None:
        for name, part in parts.items():
            began = now()
            part()
            times[name].append(since(began))

    measured = steps(given, recipe, between)
    return measured | {name: taken[1:] for name, taken in times.items()}


def published(folder: Path) -> Any:
    """The language model as transformers loads it, frozen, without its head."""
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = transformers.AutoModelForCausalLM.from_pretrained(folder / "gpt2").requires_grad_(False).eval()  # type: ignore[no-untyped-call]
    return model.base_model


def parts_of(assembly: Assembly, library: Any) -> dict[str, Callable[[], object]]:
    """What a step is made of, forward and backward, on one batch."""
    recipe, model = replace(assembly.recipe, max_turns=BATCH), assembly.model
    examples = recommendation_examples(assembly.snapshot, recipe, assembly.reader)
    batch = examples.contexts.batch(range(BATCH))
    rows = torch.randn(BATCH, recipe.prompt_rows, model.sizes.model)
    mapped, context = rows.clone().requires_grad_(), rows + 1
    embedded = model.embedded(rows, batch).detach().requires_grad_()
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    gradient = torch.randn(assembly.graphs.entities, recipe.dimension)
    model.train()

    def step() -> None:
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    def graph() -> None:
        optimizer.zero_grad()
        assembly.final_in_training(model.encoder, set(examples.dialogues)).backward(gradient)  # type: ignore[no-untyped-call]

    return {
        "LM alone": lambda: read_alone(model.language_model, embedded),
        "LM, library": lambda: read_alone(library, embedded),
        "graph part": graph,
        "fuse": lambda: fuse_loss(mapped, context, batch, recipe.temperature).backward(),  # type: ignore[no-untyped-call]
        "optimizer": step,
    }


def read_alone(language_model: Any, embedded: torch.Tensor) -> None:
    """Forward, and back from the last states, as a step does."""
    states = language_model(inputs_embeds=embedded, use_cache=False).last_hidden_state
    states[:, -1].sum().backward()


def language_model_alone(given: argparse.Namespace) -> dict[str, Any]:
    """Peak memory of two passes through the language model and nothing else."""
    model = published(given.folder)
    for _ in range(2):
        read_alone(model, torch.randn(BATCH, tokens_of(given), model.config.hidden_size, requires_grad=True))
    return {"peak": peak()}


def nothing() -> None:
    """Between steps."""


CASES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "times": whole_and_parts,
    "step": lambda given: steps(given, recipe_of(given), nothing),
    "parts": lambda given: steps(given, replace(recipe_of(given), micro_batch_size=AT_ONCE), nothing),
    "LM": language_model_alone,
}


def middle(taken: list[list[float]]) -> Spent:
    """Medians of both clocks."""
    return statistics.median(one[0] for one in taken), statistics.median(one[1] for one in taken)


def report(size: Size, snapshot: Snapshot, facts: str, measured: dict[str, dict[str, Any]], tokens: int) -> None:
    """Print ratios to a step, and memory."""
    relations = snapshot.manifest["relations"]
    edges = {kind: sum(one["edges"] for one in relations.values() if one["kind"] == kind)
             for kind in ("fact", "co_mention", "similarity")}  # fmt: skip
    print(f"{size.name}: {size.entities:,} entities, {edges['fact']:,} facts ({facts}), {edges['co_mention']:,} "
          f"co-mentions, {edges['similarity']:,} similarities (drawn)")  # fmt: skip
    print(f"  {'':14}time × share      processor × share   tokens that the language model reads")
    times = measured["times"]
    median = {name: middle(times[name]) for name in ("step", *PARTS, "encoder")}
    rest = [median["step"][kind] - sum(median[name][kind] for name in OF_A_STEP) for kind in (0, 1)]
    by_parts = f"step by {AT_ONCE}"
    times |= {by_parts: measured["parts"]["step"]}
    median |= {"all else": (rest[0], rest[1]), by_parts: middle(times[by_parts])}
    for name, spent in median.items():
        shares = [spent[kind] / median["step"][kind] for kind in (0, 1)]
        note = f"   aim: at most {AIM_OF_GRAPH}" if name == "graph part" else ""
        note = "   once in a training" if name == "encoder" else note
        taken = [seconds for seconds, _ in times.get(name, [])]
        note = f"   {min(taken):.2f} to {max(taken):.2f} s{note}" if taken else note
        print(f"  {name:12} {spent[0]:6.2f} s × {shares[0]:.3f}   {spent[1]:6.2f} s × {shares[1]:.3f}   {tokens}{note}")
    whole = measured["step"]["peak"]
    for label, case in ((f"{BATCH} chats", "step"), (f"{AT_ONCE} chats at once", "parts"), ("LM, library", "LM")):
        print(f"  peak memory, {label}: {measured[case]['peak'] / 1e9:.2f} GB × {measured[case]['peak'] / whole:.2f}")


if __name__ == "__main__":
    main()
