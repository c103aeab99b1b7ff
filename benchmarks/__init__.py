"""Speed, start-up, worth and coverage, measured by hand on the model code of torchvision and timm."""
