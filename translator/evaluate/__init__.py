"""Evaluation: both models on one data set, with the same tensors."""
