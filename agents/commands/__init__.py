"""The commands of `nightdesk`, one module each; `agents.cli` registers them.

A module here imports only typer and the standard library at its top: what a command needs, it imports
when it runs.
"""
