"""WebSub (W3C Recommendation): hubs tell of new entries at once, and polling becomes the check on them.

    document ─▶ discovery ─▶ subscription: wanted ─▶ asked ─▶ active ──renewed before its lease ends──┐
                                              └denied, given up: asked again later   └◀──────────────┘
    active and a push has come ─▶ trusted: polled slowly ─▶ a loss found ─▶ polled as always for a day

All of it is pure: a subscription and what happened come in, the subscription after it goes out.  The
transactions are `nightdesk.pipeline.push`, the callback is `nightdesk.web.websub`.
"""
