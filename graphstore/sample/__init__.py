"""The sample world that ships: films with their DBpedia facts, simulated dialogues, drawn posters.

    select_facts.py   made facts.nt.gz and items.jsonl.gz, once, from DBpedia's N-Triples
    build.py          makes the demo's files from these two: world.py, people.py, conversation.py and
                      simulate.py make the dialogues, motifs.py and posters.py the pictures

See docs/sample.md; NOTICE has the licence of the facts.
"""

from graphstore.sample.build import SampleFiles, SampleOptions, write_sample
from graphstore.sample.simulate import SOURCE

__all__ = ["SOURCE", "SampleFiles", "SampleOptions", "write_sample"]
