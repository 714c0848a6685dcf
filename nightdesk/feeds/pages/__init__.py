"""Full text: the pages behind a feed's entries, for feeds that carry teasers alone.

    new reports ─▶ want (pure: which, how many) ─▶ robots.txt ─▶ fetch (spaced, one at a time a host)
                                                                     └▶ extract (thread) ─▶ fits? ─▶ report

What fails in any way leaves the report as its feed made it, and is counted by its reason.
"""
