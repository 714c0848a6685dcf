"""A week of one storyline at one desk, in seconds: what was sent, held, gathered in digests, and why.

    python -m demo.week

The reports are ours, and so is the strait.  They go through the real stages with a clock that is set; what is
due is told when it is due; what is sent counts as delivered at once.  The desk is in Berlin, and in the last
night of the week its clocks are set forward.
"""
