"""Prove that two models are the same, or find the line where they are not."""
