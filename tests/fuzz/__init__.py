"""Random Markdown of the largest allowed length, and what rendering it costs."""
