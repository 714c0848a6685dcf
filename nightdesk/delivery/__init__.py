"""Delivery: takes due deliveries out of the archive and to their receivers, one small file a channel."""
