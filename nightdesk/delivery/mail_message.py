"""A notice as a mail.  Pure: the moment is a parameter.

Text and HTML stand side by side (multipart/alternative).  Mails of one alert form a thread: each refers to an
id made of the alert's, which no mail bears itself.  A redelivery has the same Message-ID, by which mail
programs drop repeats.  What comes from the news never adds a header: it is tamed by `_words`.
"""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime, quote

from nightdesk.delivery.notice import Notice
from nightdesk.delivery.templates import Worded
from nightdesk.delivery.wording import one_line
from schemas.receivers import MailReceiver
from schemas.severity import Severity

_NOWHERE = "nightdesk.invalid"

# No 8-bit bodies: not every server takes them, and text in base64 or quoted-printable passes all.
_PLAIN: EmailPolicy[EmailMessage] = SMTP.clone(cte_type="7bit")
_WIDE: EmailPolicy[EmailMessage] = SMTPUTF8.clone(cte_type="7bit")


def needs_utf8(receiver: MailReceiver) -> bool:
    """Tell whether an address has letters that only SMTPUTF8 (RFC 6531) carries."""
    return not all(address.isascii() for address in (receiver.sender, *receiver.to))


def compose(notice: Notice, receiver: MailReceiver, worded: Worded, now: datetime) -> EmailMessage:
    """Return the mail."""
    delivery, alert = notice.delivery, notice.alert
    policy = _WIDE if needs_utf8(receiver) else _PLAIN
    domain = receiver.sender.rpartition("@")[2]
    domain = domain if domain.isascii() else _NOWHERE
    mail = EmailMessage(policy=policy)
    mail["Subject"] = _words(worded.subject, 250)
    name = quote(_words(receiver.sender_name, 100))
    mail["From"] = f'"{name}" <{receiver.sender}>' if name else receiver.sender
    mail["To"] = ", ".join(receiver.to)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{delivery.id}@{domain}>"
    if not notice.others:
        thread = f"<{alert.id}@{domain}>"
        mail["In-Reply-To"] = thread
        mail["References"] = thread
    mail["List-Id"] = f"<{notice.subscription}.nightdesk.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if any(one.severity is Severity.CRITICAL for one in notice.alerts):
        mail["Importance"] = "high"
    mail["Nightdesk-Delivery"] = delivery.id
    mail["Nightdesk-Event"] = alert.kind.value
    mail.set_content(worded.text)
    mail.add_alternative(worded.html, subtype="html")
    return mail


def _words(text: str, longest: int) -> str:
    """Return `text` for a header: one line, and nothing in it that is read as an encoded word.

    Python's library decodes what looks like one where it should write it out, and writes the line end that
    `=??Q?=0ABcc` hides in it: a header more (found by the property test of this module).
    """
    return one_line(text, longest).replace("=?", "= ?")
