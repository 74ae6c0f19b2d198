"""Everything else that a user could run here, trained on the same sentences: what a model has to beat.

Each peer is a module with `fit(texts, gold, topics, seed)`; `registry` lists them, `run` trains and measures them.
"""
