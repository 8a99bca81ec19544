"""Learning rates of one line side by side.

scene (all that is drawn of one run, worked out once), ruler (200 rates, or a run's own, beside theory),
stage (a deck with all that a browser draws beside its runs)
"""
