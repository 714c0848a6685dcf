"""A month of polling in minutes: feeds with the habits of real ones, and a clock that jumps from event to
event.
"""
