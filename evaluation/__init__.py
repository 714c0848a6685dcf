"""Evaluation: labelled corpora in, quality tables and shipped numbers out.  Never imported by Nightdesk."""
