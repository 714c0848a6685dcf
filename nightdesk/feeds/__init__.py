"""Feeds: fetch them politely and safely, read them whatever they are, and judge what is new.

    fetch (I/O) ──Fetched──▶ parse ──ParsedFeed──▶ entries ──Reports──▶ poll.conclude ──▶ state, new reports
         └──FeedError──────────┴───────────────────────────────────────────┘

Only `fetch`, `network` and `addresses.resolve` touch the world.  The others are pure: same bytes and
moments in, same reports out.
"""
