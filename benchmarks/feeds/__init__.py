"""Polling ten thousand feeds: a real worker against loopback servers."""
