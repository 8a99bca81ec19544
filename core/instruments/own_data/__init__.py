"""Somebody's own data, read into a Dataset like any other.

cells (what was pasted or uploaded, as a table of text) with layout (where a table stands in a text); columns (what each
column of it holds, and where it has gaps); choice (columns chosen, gaps dropped or filled: a Dataset); known (its
stability limits, and experiments worth opening)
"""
