"""Commented YAML recipes, read by `training.recipe`."""
