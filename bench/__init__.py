"""Measures the chat beside two servers that do less, in one run on one machine: `python -m bench`, or `make bench`."""
