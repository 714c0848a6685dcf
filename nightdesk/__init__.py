"""The domain: everything Nightdesk knows of feeds, reports, storylines and alerts.

Never imports Faust or `agents`.  Functions here read no clock and no environment.
"""

__version__ = "0.1.0"
