"""Strata: design, train and export neural networks; every screen is a view of one document."""

__version__ = "0.1.0"
