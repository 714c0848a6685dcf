"""Text: cleaned, tokenised, folded and searched for phrases.  Pure."""
