"""History: the whole story of an article or an alert, out of the archive."""
