"""The contracts: what travels on each topic, and what users declare.

Every model is frozen, strict and closed (`extra="forbid"`), carries `schema_version`, and speaks of
time only with a zone.  This package imports nothing of ours; `nightdesk` and `agents` build on it.

    on topics     Report → Article → Candidate → Match → Alert → Delivery, and DeadLetter from each stage
    declared      Feed, Storyline, Subscription, Silence, together in a Bundle
    done          Handling of alerts by people
"""

from schemas.alert import (
    Alert,
    AlertedArticle,
    AlertKind,
    AlertState,
    Claim,
    Contradiction,
    Rate,
)
from schemas.article import Article
from schemas.base import Arrival, Contract, Duration, Identifier, UtcDatetime
from schemas.bundle import Bundle
from schemas.candidate import Candidate, Likeness, Rival
from schemas.deadletter import DeadLetter, DeadLetterReason
from schemas.delivery import ChangeRef, Delivery, DeliveryState, Occasion
from schemas.edit import Change, ChangeClass, Edit
from schemas.feed import Feed, FeedAccess, FullText
from schemas.handling import Acknowledgement, Action, Handling, Snooze
from schemas.heartbeat import Heartbeat
from schemas.intervals import Digest, QuietHours, TimeInterval, Times, Weekday
from schemas.match import Bar, Contribution, Decision, Match, Span
from schemas.matcher import Matcher
from schemas.novelty import Novelty
from schemas.receivers import (
    AlertmanagerReceiver,
    AppriseReceiver,
    AtomReceiver,
    ConsoleReceiver,
    EventsReceiver,
    FileReceiver,
    MailReceiver,
    Receiver,
    WebhookReceiver,
    Wording,
)
from schemas.report import Report
from schemas.secret import Secret
from schemas.severity import Severity
from schemas.silence import Silence
from schemas.storyline import Cues, Entity, Exemplar, Sensitivity, Storyline, StorylineKind, Window
from schemas.subscription import Inhibition, RateLimit, Subscription
from schemas.topics import TOPICS, TopicContract
from schemas.trouble import Trouble

__all__ = [
    "TOPICS",
    "Acknowledgement",
    "Action",
    "Alert",
    "AlertKind",
    "AlertState",
    "AlertedArticle",
    "AlertmanagerReceiver",
    "AppriseReceiver",
    "Arrival",
    "Article",
    "AtomReceiver",
    "Bar",
    "Bundle",
    "Candidate",
    "Change",
    "ChangeClass",
    "ChangeRef",
    "Claim",
    "ConsoleReceiver",
    "Contract",
    "Contradiction",
    "Contribution",
    "Cues",
    "DeadLetter",
    "DeadLetterReason",
    "Decision",
    "Delivery",
    "DeliveryState",
    "Digest",
    "Duration",
    "Edit",
    "Entity",
    "EventsReceiver",
    "Exemplar",
    "Feed",
    "FeedAccess",
    "FileReceiver",
    "FullText",
    "Handling",
    "Heartbeat",
    "Identifier",
    "Inhibition",
    "Likeness",
    "MailReceiver",
    "Match",
    "Matcher",
    "Novelty",
    "Occasion",
    "QuietHours",
    "Rate",
    "RateLimit",
    "Receiver",
    "Report",
    "Rival",
    "Secret",
    "Sensitivity",
    "Severity",
    "Silence",
    "Snooze",
    "Span",
    "Storyline",
    "StorylineKind",
    "Subscription",
    "TimeInterval",
    "Times",
    "TopicContract",
    "Trouble",
    "UtcDatetime",
    "WebhookReceiver",
    "Weekday",
    "Window",
    "Wording",
]
