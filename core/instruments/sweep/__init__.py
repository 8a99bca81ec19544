"""Many learning rates and seeds of one experiment.

sweep (on one machine or many, and the measured limit), findings (what a sweep says), scene and charts (how it is drawn)
"""
