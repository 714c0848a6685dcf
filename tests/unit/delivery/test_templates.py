"""Templates: what ours show, what those of others may do, and that a faulty one costs nobody an alert."""

from __future__ import annotations

import time
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from nightdesk.bundles.load import parse
from nightdesk.delivery.sample import sample_of, samples
from nightdesk.delivery.sandbox import MAX_OUTPUT, MAX_SOURCE
from nightdesk.delivery.templates import PARTS, Fault, Templates, default_template
from nightdesk.delivery.views import view_of
from schemas import Wording
from tests.support.alerting import (
    NOON,
    make_alert,
    make_article,
    make_notice,
    make_subscription,
    make_webhook,
)

SAMPLES = samples("desk", "mail", "mail", NOON)
NASTY = "\x1b[2J<script>alert(1)</script>\r\nBcc: all@example.org\u202e{{ 7*7 }}"


@pytest.fixture
def templates():
    return Templates(time.perf_counter)


def test_ours_show_what_earned_the_alert(templates):
    worded = templates.word(SAMPLES[0], Wording(), html=True)
    for said in (worded.text, worded.html):
        for part in (
            *("Quillhaven, harbour, collision", "Harbour Ledger", "12 killed", "9 killed"),
            *("Meridian Wire", "a copy", "https://harbour.example/quillhaven", "State: new"),
            *("2 independent sources", "9 reports in 1 h", "94 %", "THIS IS A TEST"),
        ):
            assert part in said, part
    assert worded.subject == (
        "[TEST] New: A sample storyline – Sample: harbour of Quillhaven closed after collision"
    )
    assert worded.remark == ""


def test_ours_tell_all_alerts_of_a_digest_and_why_they_come(templates):
    worded = templates.word(SAMPLES[2], Wording(), html=True)
    for said in (worded.text, worded.html):
        assert "Digest: 2 alerts of the day" in said
        assert "Harbour Ledger cannot be read" in said
        assert "tell the publisher" in said
    assert worded.subject.startswith("2 alerts: ")


def test_hostile_text_stays_text(templates):
    article = make_article(NASTY, title=NASTY, words=(NASTY,), url="javascript:alert(1)")
    alert = make_alert(title=NASTY, storyline_title=NASTY, reason=NASTY, articles=(article,))
    worded = templates.word(make_notice(alert, note=NASTY), Wording(), html=True)
    for said in (worded.subject, worded.text, worded.html):
        for evil in ("\x1b", "\r", "\u202e", "javascript:", "\nBcc"):
            assert evil not in said
        assert "{{ 7*7 }}" in said
    assert "\n" not in worded.subject
    assert "<script" not in worded.html
    assert "&lt;script&gt;" in worded.html


def test_own_templates_take_the_place_of_ours_part_by_part(templates):
    own = Wording(subject="{{ alert.title }}!", html="<i>{{ alert.about }}</i>")
    alert = make_alert(title="A & B", storyline_title="A & B")
    worded = templates.word(make_notice(alert), own, html=True)
    assert (worded.subject, worded.html) == ("A & B!", "<i>A &amp; B</i>")
    assert "Ministry denies" in worded.text


def test_a_test_says_so_whatever_the_template_says(templates):
    notice = sample_of(make_subscription(), make_webhook(), NOON, "1")
    assert templates.word(notice, Wording(subject="Hello")).subject == "[TEST] Hello"


HOSTILE = [
    ("{{ alert.__class__ }}", "reach"),
    ("{{ ''['__class__'] }}", "reach"),
    ("{{ alert.title.upper }}", "reach"),
    ("{{ alert['title'].format }}", "reach"),
    ("{{ alert.items }}", "no field `items`"),
    ("{{ alert.title.upper() }}", "called"),
    ("{{ self }}", "written"),
    ("{% for a in alerts %}{{ loop.cycle }}{% endfor %}", "reach"),
    ("{{ alert | attr('title') }}", "No filter"),
    ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "macro"),
    ("{% include 'x' %}", "include"),
    ("{% extends 'x' %}", "extends"),
    ("{% set ns = namespace(x=1) %}", "called"),
    ("{% for a in alerts recursive %}{{ loop(alerts) }}{% endfor %}", "recursive"),
    ("{% autoescape false %}{% endautoescape %}", "not for templates"),
    ("{{ '<b>' | safe }}", "No filter"),
    ("{{ 'x' * 1000000000 }}", "numbers"),
    ("{{ '%1000000000d' % 1 }}", "numbers"),
    ("{{ 2 ** 1000000 }}", "not for templates"),
    ("{{ 99999999 * 99999999 }}", "bounds"),
    ("{{ range(1000000000) | length }}", "range"),
    ("{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}", "turns"),
    ("{{ [alerts, alerts] }}", "written out"),
    ("{{ alerts }}", "written"),
    ("{{ 1 / 0 }}", "ZeroDivision"),
    ("{{ alert.titel }}", "titel"),
    ("{{ titel }}", "titel"),
    ("{% if %}", "expression"),
    ("{{ " + "(" * 5_000, ""),
    ("{{ " + "not " * 4_000 + "1 }}", ""),
    ("x" * (MAX_SOURCE + 1), "at most"),
]


@pytest.mark.parametrize(("source", "says"), HOSTILE)
@pytest.mark.parametrize("part", ["text", "html"])
def test_what_reaches_or_loops_is_stopped_and_ours_is_sent(templates, source, says, part):
    begun = time.process_time()
    found = templates.render(source, view_of(SAMPLES[0]), part)
    assert isinstance(found, Fault)
    assert says in found.message
    with capture_logs() as logs:
        worded = templates.word(SAMPLES[0], Wording(**{part: source}), html=True)
    assert "THIS IS A TEST" in getattr(worded, part)
    assert f"its template of the {part} is faulty" in worded.remark
    assert logs[0]["event"] == "template_faulty"
    assert templates.faults(source, part, SAMPLES) != []
    assert time.process_time() - begun < 5


GROWING = (
    "{% set a = 'xxxxxxxxxxxxxxxx' %}{% for i in range(1000) %}{% set a = a ~ a ~ a ~ a ~ a %}"
    "{{ a ~ a ~ a ~ a }}{% for j in range(20) %}{{ a }}{{ alert.title }}{% endfor %}{% endfor %}"
)


def test_output_is_bounded(templates):
    found = templates.render(GROWING, view_of(SAMPLES[0]), "text")
    assert isinstance(found, Fault)
    assert f"{MAX_OUTPUT:,} characters" in found.message


def test_time_is_bounded_and_looked_at_with_each_turn():
    ticks = iter(range(1000))
    templates = Templates(lambda: float(next(ticks)))
    found = templates.render(
        "{% for i in range(500) %}{% endfor %}done", view_of(SAMPLES[0]), "text"
    )
    assert isinstance(found, Fault)
    assert "too long" in found.message
    assert next(ticks) < 10


_WORDS = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "for",
        "in",
        "if",
        "endif",
        "endfor",
        "alert",
        "alerts",
        ".",
        "title",
        "range(9)",
        "|",
        "join",
        "~",
        "[",
        "]",
        "1",
        "-",
        "*",
        "loop",
        "set",
        "=",
        "articles",
        "(",
        ")",
        "'",
        "__class__",
        "x",
        "else",
        "with",
        "endwith",
        "not",
        "is",
        "defined",
        "first",
    ]
)


@given(st.lists(_WORDS, max_size=40).map(" ".join))
def test_no_template_makes_wording_fail(source):
    templates = Templates(time.perf_counter)
    assert templates.word(SAMPLES[2], Wording(subject=source, text=source), html=False).text
    templates.faults(source, "html", SAMPLES[:1])


@pytest.mark.parametrize("part", PARTS)
def test_ours_have_no_faults(templates, part):
    assert templates.faults(default_template(part), part, SAMPLES) == []


BUNDLE = """\
subscriptions:
  - id: desk
    receivers:
      - channel: mail
        to: [desk@example.org]
        sender: nightdesk@example.org
        host: smtp.example.org
        wording:
          subject: "{{ alert.titel }}"
          text: |
            {{ alert.title }}
            {{ alrt.title }}
          html: "{{ alert.__class__ }}"
"""


def test_a_check_names_file_line_and_fault():
    problems = [p for p in parse(BUNDLE, file="b.yaml").problems if p.severity == "error"]
    told = [(p.line, p.where.rpartition(".")[2], p.message) for p in problems]
    assert told == [
        (9, "subject", "line 1 of the template: there is no field `titel`"),
        (
            10,
            "text",
            "line 2 of the template: there is no variable `alrt`, only alert, alerts, delivery, "
            "subscription",
        ),
        (13, "html", "line 1 of the template: `__class__` is out of a template's reach"),
    ]


def test_a_machine_that_stands_still_keeps_nobody_from_being_told() -> None:
    """Between any two looks at the clock an hour goes by: theirs is given up, ours is sent."""
    hours = (3_600.0 * n for n in count())
    worded = Templates(lambda: next(hours)).word(
        make_notice(), Wording(text="{% for a in alerts %}{{ a.title }}{% endfor %}"), html=True
    )
    assert "takes too long" in worded.remark
    assert worded.text.strip()
    assert worded.html
