"""
What is measured, against what: `python bench/run.py` prints it in one table.

The machine may be busy with other things, so a number means little by itself. Everything is measured next to
what it is compared with, in turns; a ratio is the median of the turns' own ratios.
"""
