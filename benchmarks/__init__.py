"""Throughput and memory, each as a ratio to a named peer or limit measured in the same run.

`make bench` prints the table.  Nothing here is a test: the machines are shared and noisy.
"""
