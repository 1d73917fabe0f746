"""How much of a table is read back after one thing in the file went wrong: `python -m benchmarks.damage [--quick] [--other]`.

Clean tables are written with one fault at a time, and each reader is given the path and nothing else. What a fault is, how the
answer is compared (header, records and cells as multisets; precision, recall and F1 of each, and whether it was loaded at all: ten
points in total) and how common each fault is follow Pollock, a benchmark of data loading with a survey of 3,712 public CSV files
(Vitagliano et al., PVLDB 16(8), 2023, https://github.com/HPI-Information-Systems/Pollock). Its weights count the files of the survey
with that fault; where the survey has none (encodings, footers, names) the weight is our guess. Tables and code are our own.

What is right: a row is kept and its cells put right rather than dropped; values stay as written, less outer blanks; of several tables
the first counts; preambles and footers are no records; a header of several rows is joined column by column; a short row is
filled with blanks. Where there is no header any header is right, but a reader that takes the first row for it has lost a record.
"""
