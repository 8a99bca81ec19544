"""Update rules on a surface.

runs (the way of each, what it remembers, how near it is to its own stability line), charts (how it is drawn)
"""
