"""Side-by-side ratios, printed as one table by `make bench`. Never a timed test: a busy machine is not a bug."""
