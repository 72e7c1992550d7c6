"""The commands of `python -m builder`: everything a screen does."""
