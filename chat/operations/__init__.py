"""What the operator of a site needs: whether it is ready, and what goes when it is old."""
