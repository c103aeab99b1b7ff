"""From source text to a Translation: plan, apply, imports, check."""
