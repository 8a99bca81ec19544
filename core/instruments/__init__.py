"""What the lab's pages compute, a folder each: what it works out, its scene, its charts.

compare, network, sweep, range_test, race, maps, schedules, update_rules, self_choosing, trainability, papers,
log, own_data, watch
"""
