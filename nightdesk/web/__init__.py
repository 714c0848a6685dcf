"""The web: metrics, health, Atom feeds and one page, on an address that is private by default."""
