"""An additive ranker over evidence in the graph, and what it says of its scores.

definitions   kinds of evidence and the features that are made of them; a score split over their paths
words         words, titles and values of a chat and of the catalogue
snapshot      the evidence of a chat out of a snapshot (training, evaluation); a training dialogue leaves itself out
fitting       curves learned from it
ranker        the trained run: scores, recommendations, explanations

The second reader, Cypher for one chat on the live graph, is `training.pipeline.graph_evidence`.
"""
