"""From answers to points, pure: score, equality, and the diagnosis of mistakes."""
