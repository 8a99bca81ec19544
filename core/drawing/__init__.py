"""A History as tables, and charts of tables. Options in, Altair spec out.

axes (what a picture spans, and whole decades), frames (a History in named columns), charts (the charts of a run),
chart_parts (what every chart is made of), lines (named lines over one pair of axes: races, comparisons, lessons),
picture (all of one that is drawn),
lanes (a learning rate with its verdict and its tables), zones (what theory says of each stretch of a rate axis),
tables (named columns as they are sent), stops (a chart at many values of a number that is dragged),
deck (many rates of one experiment in a browser's hands, as bytes)
"""
