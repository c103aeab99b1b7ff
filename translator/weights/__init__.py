"""Convert weights between the frameworks, by the rules and back."""
