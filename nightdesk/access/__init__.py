"""Who may come in, and how often: tokens, what they allow, and buckets that run dry.  All of it pure."""
