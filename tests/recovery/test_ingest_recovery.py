"""An ingest or a build that is killed anywhere, and run again, gives the graph of one that was not."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from graphstore.graph import Graph
from tests.whole_graph import whole_graph

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.usefixtures("probes")]

# Ingests everything in small batches and dies, as by kill -9, before or after its write of that number commits.
_PROGRAM = """
import os, signal, sys
from pathlib import Path
from graphstore import connection, graph_writer, ingest, rejects
from graphstore.graph import open_graph

folder, fatal, after = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "after"
graph_writer.ROWS_PER_STATEMENT, ingest._FACTS_PER_STATEMENT = 150, 400
ingest._ITEMS_PER_STATEMENT = ingest._DIALOGUES_PER_STATEMENT = ingest._ENTITIES_PER_STATEMENT = 20
writes = 0

def counted(method):
    def write(self, name, /, **parameters):
        global writes
        writes += 1
        if writes == fatal and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = method(self, name, **parameters)
        if writes == fatal and after:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    return write

connection.Graph.write = counted(connection.Graph.write)
connection.Graph.make = counted(connection.Graph.make)
with open_graph() as graph, rejects.RejectsFile(folder / "rejects.jsonl") as kept:
    def file(name):
        return ingest.FileIngest(graph, folder / name, kept, "toy")
    file("entities.txt").entities()
    file("facts.nt").triples()
    file("items.jsonl").items()
    file("talks.jsonl").dialogues("tellgraph", "train")
    file("log.csv").interactions()
print(writes)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world in five files."""
    folder, chance = tmp_path_factory.mktemp("files"), random.Random(11)
    things = [f"urn:thing:{number}" for number in range(300)]
    items = things[:120]
    (folder / "entities.txt").write_text("\n".join(things[-60:]))
    facts = {(chance.choice(things), chance.choice("abcd"), chance.choice(things)) for _ in range(1_000)}
    lines = [f"<{subject}> <urn:p:{predicate}> <{object_}> .\n" for subject, predicate, object_ in sorted(facts)]
    lines.insert(400, "nonsense\n")
    (folder / "facts.nt").write_text("".join(lines))
    records = [{"uri": uri, "title": uri[10:], "genres": ["a"], "plot": f"About {uri}."} for uri in items]
    (folder / "items.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    talks = [
        {"id": str(number), "turns": [{"role": "seeker", "text": "hm", "items": chance.sample(items, 3)}]}
        for number in range(60)
    ]
    (folder / "talks.jsonl").write_text("".join(json.dumps(talk) + "\n" for talk in talks))
    rows = [f"{chance.randrange(30)},{chance.choice(items)},{chance.randrange(10**9)}\n" for _ in range(500)]
    (folder / "log.csv").write_text("user,item,time\n" + "".join(rows))
    return folder


def ingest(files: Path, fatal: int = 0, moment: str = "before") -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", _PROGRAM, str(files), str(fatal), moment]
    return subprocess.run(program, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)


def test_killed_at_ten_points_and_run_again_it_is_the_same_graph(graph: Graph, files: Path) -> None:
    whole = ingest(files)
    assert whole.returncode == 0, whole.stderr
    writes, expected = int(whole.stdout), whole_graph(graph)
    assert len(expected) > 2_000
    chance = random.Random(7)
    for fatal in sorted(chance.sample(range(1, writes + 1), 10)):
        graph.write("delete_everything")
        killed = ingest(files, fatal, chance.choice(["before", "after"]))
        assert killed.returncode == -signal.SIGKILL
        assert whole_graph(graph) != expected or fatal == writes
        again = ingest(files)
        assert again.returncode == 0, again.stderr
        assert whole_graph(graph) == expected, f"killed at write {fatal} of {writes}"
