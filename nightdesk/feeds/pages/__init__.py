"""Full text: the pages behind a feed's entries, for feeds that carry teasers alone.

    new reports ─▶ want (pure: which, how many) ─▶ robots.txt ─▶ fetch (spaced, one at a time a host)
        │                                                            └▶ extract (thread) ─▶ fits? ─▶ report
        └ a link that Google News alone could follow: its headline is looked for at its publisher first

What fails in any way leaves the report as its feed made it, and is counted by its reason.
"""
