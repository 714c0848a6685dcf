"""Storylines: the matching engine.

    Storyline ──compile──▶ CompiledStoryline ─┐
    Article ──reading──▶ nominate (index) ──▶ Candidate ──▶ decide (memory) ──▶ Match, memory

All pure: the same storyline, articles and memory give the same decisions, whatever else is followed.
"""
