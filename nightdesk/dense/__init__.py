"""Meaning beside words: texts as vectors of a sentence encoder, small enough to send and keep.

Off unless a model is named (`NIGHTDESK_DENSE_MODEL`).  `encoder` is what the engine asks for, `vectors` what
it compares, `loading` makes an encoder of a folder or a hub's name; numpy alone is needed but for that.
"""
