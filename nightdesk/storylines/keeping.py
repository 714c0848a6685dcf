"""Which of too many reports are worth keeping?"""

from __future__ import annotations

from nightdesk.numbers import Reals, WholeRoom


def let_go(
    beliefs: Reals,
    moments: Reals,
    horizon: float,
    least: float,
    most: float,
    number: int,
    gone: WholeRoom,
) -> None:
    """Mark those that are worth least among the reports that are believed from `least` to below `most`, until
    no more than `number` of these are left.

    What a report is worth is its belief, less its age as a share of the `horizon`; of equals the first goes.
    `gone` is 0 for all before.
    """
    reports, latest, left = len(beliefs), 0.0, 0
    for at in range(reports):
        if not at or moments[at] > latest:
            latest = moments[at]
        left += least <= beliefs[at] < most
    while left > number:
        lowest, worst = 0.0, -1
        for at in range(reports):
            if not gone[at] and least <= beliefs[at] < most:
                worth = beliefs[at] - (latest - moments[at]) / horizon
                if worst < 0 or worth < lowest:
                    lowest, worst = worth, at
        gone[worst] = 1
        left -= 1
