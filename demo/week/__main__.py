"""Prints the week."""

from __future__ import annotations

from demo.week.run import timeline

if __name__ == "__main__":
    for line in timeline():
        print(line)
