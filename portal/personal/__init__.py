"""What the portal keeps of people, for how long; copies of it, and its erasure."""
