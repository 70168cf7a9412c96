"""A message as people see it: its HTML, its versions, and what is told when it fails."""
