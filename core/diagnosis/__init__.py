"""What is known before a run, and what is said after it.

theory (limits and minima known beforehand), curve (what is measured on one loss curve), columns (what a log has beside
it), rules (the verdict on a bare curve), verdicts (that of a run, a lane each), among (a rate judged among others),
measures and network_verdicts (what only a network adds), remarks (what is odd about the data), alternatives (the same
minimum found without gradients)
"""
