"""Who answers: what the providers offer, and as whom."""
