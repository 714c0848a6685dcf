"""The contracts: what travels on each topic, and what users declare.

Every model is frozen, strict and closed (`extra="forbid"`), carries `schema_version`, and speaks of
time only with a zone.  This package imports nothing of ours; `nightdesk` and `agents` build on it.

    on topics     Report → Article → Candidate → Match → Alert → Delivery, and DeadLetter from each stage
    declared      Feed, Storyline, Subscription, Silence, together in a Bundle
"""

from schemas.alert import Alert, AlertedArticle, AlertKind
from schemas.article import Article
from schemas.base import Arrival, Contract, Duration, Identifier, UtcDatetime
from schemas.bundle import Bundle
from schemas.candidate import Candidate, Likeness, Rival
from schemas.deadletter import DeadLetter, DeadLetterReason
from schemas.delivery import Delivery, DeliveryState
from schemas.edit import Change, ChangeClass, Edit
from schemas.feed import Feed, FeedAccess, FullText
from schemas.heartbeat import Heartbeat
from schemas.match import Bar, Contribution, Decision, Match, Span
from schemas.novelty import Novelty
from schemas.report import Report
from schemas.secret import Secret
from schemas.silence import Matcher, Silence
from schemas.storyline import Cues, Entity, Exemplar, Sensitivity, Storyline, StorylineKind, Window
from schemas.subscription import (
    AtomReceiver,
    ConsoleReceiver,
    Receiver,
    Subscription,
    WebhookReceiver,
)
from schemas.topics import TOPICS, TopicContract
from schemas.trouble import Trouble

__all__ = [
    "TOPICS",
    "Alert",
    "AlertKind",
    "AlertedArticle",
    "Arrival",
    "Article",
    "AtomReceiver",
    "Bar",
    "Bundle",
    "Candidate",
    "Change",
    "ChangeClass",
    "ConsoleReceiver",
    "Contract",
    "Contribution",
    "Cues",
    "DeadLetter",
    "DeadLetterReason",
    "Decision",
    "Delivery",
    "DeliveryState",
    "Duration",
    "Edit",
    "Entity",
    "Exemplar",
    "Feed",
    "FeedAccess",
    "FullText",
    "Heartbeat",
    "Identifier",
    "Likeness",
    "Match",
    "Matcher",
    "Novelty",
    "Receiver",
    "Report",
    "Rival",
    "Secret",
    "Sensitivity",
    "Silence",
    "Span",
    "Storyline",
    "StorylineKind",
    "Subscription",
    "TopicContract",
    "Trouble",
    "UtcDatetime",
    "WebhookReceiver",
    "Window",
]
