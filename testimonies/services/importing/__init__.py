"""Spreadsheets and JSON Lines, read for an import: files to rows, rows to the values that services take (docs/adr/0031).

`files` knows the formats, `columns` what a row may say, `mappings` which column of a file is which of ours, and `rows`
puts them together. Nothing here writes a record.
"""
