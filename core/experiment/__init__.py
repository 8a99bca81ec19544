"""What is trained, as one value.

experiment (the value itself; it is the link and the cache key too), fields (one field: its limits, its words in a
link), changes (what is changed by hand while it is trained), cost (what a run costs, told beforehand), presets
(experiments worth opening), described (what ran, in one line)
"""
