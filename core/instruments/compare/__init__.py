"""Learning rates of one line side by side.

scene (all that is drawn of one run, worked out once), ruler (200 rates, or a run's own, beside theory),
stage (a deck with all that a browser draws beside its runs), stage_data (what the stage is told beside a deck),
stage_charts (the charts that a browser draws of any deck)
"""
