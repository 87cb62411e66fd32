"""What somebody could use instead, over the same rows: each with the same list item, detail, filters, search and create."""
