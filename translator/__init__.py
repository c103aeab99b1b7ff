"""Translate PyTorch model source to PaddlePaddle, convert the weights, and prove that both agree."""
