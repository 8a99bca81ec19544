"""Learning rate x batch size, and learning rate x width.

maps (the loss over both), charts (how it is drawn)
"""
