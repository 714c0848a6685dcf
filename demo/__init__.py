"""The demo: nine fictional outlets on loopback, the real service, and a terminal that shows it at work.

`python -m demo` starts HTTP servers for the outlets of `demo/corpus/`, runs `nightdesk run` on them
as a process of its own, releases the reports in waves, shows what the archive says of them, and
ends with an account of every report and a check of each against what its author expected.

    reports    the corpus: outlets, their feeds, their reports and what should become of each
    writers    entries to RSS 2.0, Atom, RDF and JSON Feed
    servers    loopback HTTP servers, kind and unkind
    receiver   a webhook receiver that checks signatures
    bundle     the bundle that the service is started with
    service    the service as a process: start, readiness, log, end
    snapshot   what the archive holds at one moment
    watch      reads it
    excerpt    the words that earned an alert, in their place
    view       a snapshot as a picture, with report_, alert_ and feed_view, and a palette
    screens    a live screen, or plain lines where there is no terminal
    verdict    a snapshot against what was expected of each report
    summary    accounts, verdict and receiver as the last word
    show       the evening's programme, from the first wave to the summary

It is not part of the installed package.
"""
