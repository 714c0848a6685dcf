"""How long it takes to route an alert to very many subscriptions."""
