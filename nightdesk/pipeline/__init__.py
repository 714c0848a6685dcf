"""The pipeline: one stage a step, each a transaction over the archive, none aware of a stream.

    reports ─normalise─▶ articles ─nominate─▶ candidates ─decide─▶ matches ─alert─▶ alerts ─deliver─▶

A stage gets decoded messages and an open transaction; it reads what it remembers, calls the pure
domain, writes what changed, and names the messages to send on.  `runner.BatchRunner` adds, in the
same transaction, what every stage needs: the mark (which offset was last processed), the account
(how many messages met which fate), the dead letters, and the outbox (what must still be sent).

`agents` drives these stages from Faust, `bare.BareLoop` drives the very same ones from a list.
"""
