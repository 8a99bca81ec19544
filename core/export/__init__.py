"""A run taken away.

script (code that runs by itself and proves itself) of script_data (its data), script_numpy with script_rules (update
rules and schedules), script_torch, script_changes (what was changed by hand), and script_checks (what it must find);
script_parts (what they share); source (the lab's functions as they are written, for a script); notebook (the same
code in steps); run_text (a run as a terminal shows it); tables (CSV, Parquet); everything (all of it as one zip);
experiment_json (an experiment as text); chart_files (a chart as PNG, SVG or PDF) with chart_foot (what stands below
it) and poster (several of them on one page); loss_lines (every loss curve in one picture), script_plot (the same as
lines of a script); network_drawings and line_drawings (every chart of a run); report (a network's run as one HTML
file), stage_report (a line's, on the stage), offline_page (what both begin and end with); handout with handout_figures
(a lesson's questions on paper); site with site_index and thumbnails (all of that as a site of files); qr (a link as a
QR code); markup (the lab's texts as HTML)
"""
