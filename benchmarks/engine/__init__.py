"""The storyline engine alone, on one core: how fast it names, decides and compiles, and what it keeps.

    python -m benchmarks.engine [--storylines 100 10000] [--articles FILE.jsonl] [--exemplars FILE.jsonl]

A linear scan and Lucene Monitor run beside it, on the same storylines and articles.
"""
