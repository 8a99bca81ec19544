"""Finding a learning rate.

sweep (many rates and seeds, on one machine or many, and the measured limit), findings (what a sweep says),
sweep_scene and sweep_charts (how it is drawn); maps and maps_chart (rate x batch size, rate x width); race and
race_chart (update rules and schedules, each at its own best rate); surface_race and surface_race_chart (update rules
on a surface, with what they remember); duel and duel_chart (a schedule against the best constant rate); range_rules
(what seven rules read off a range test), range_test (their answers really trained), range_scene and range_charts (how
that is drawn); trainability (a small network at every pair of two rates), trainability_pictures and
trainability_chart (its map); self_choosing (rates found anew at every step),
self_choosing_scene and self_choosing_chart (how they compare)
"""
