"""The HTTP door: pages, and every action as a plain form."""
