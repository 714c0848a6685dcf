"""Faust wiring: the app, one agent a stage, the embedded broker and the command line."""
