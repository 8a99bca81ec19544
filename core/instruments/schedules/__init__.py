"""A schedule against the constant rate, with noisy steps and with clean ones.

comparison (each at its own best rate), charts (how it is drawn)
"""
