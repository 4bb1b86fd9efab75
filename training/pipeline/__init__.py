"""Vectors and edges onto the graph, evidence out of it: the only part of `training` that talks to Neo4j.

describe_items   items ─── an endpoint's language model ──► generated_description
build_vectors    descriptions, pictures ── encoders ──► text_vector, image_vector, a vector index for each
                 training dialogues ──── text encoder ► context_vector, recent_vector, likewise
build_edges      dialogues, interactions, vectors ──► CO_MENTIONED, CO_INTERACTED, TEXT_SIMILAR, IMAGE_SIMILAR
on_graph         a run whose reasons stand in the graph looks them up in this one
"""

from __future__ import annotations

from training.pipeline.contexts import ContextReport
from training.pipeline.descriptions import DescriptionReport, describe_items, items_to_describe
from training.pipeline.edge_staging import EdgeOptions
from training.pipeline.edges import EdgeReport, build_edges
from training.pipeline.graph_reader import GraphReader, on_graph
from training.pipeline.kinds import Progress
from training.pipeline.vectors import VectorReport, build_vectors

__all__ = [
    "ContextReport",
    "DescriptionReport",
    "EdgeOptions",
    "EdgeReport",
    "GraphReader",
    "Progress",
    "VectorReport",
    "build_edges",
    "build_vectors",
    "describe_items",
    "items_to_describe",
    "on_graph",
]
