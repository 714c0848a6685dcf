"""Alerts: from matches to developments, and from alerts to those who are to be told."""
