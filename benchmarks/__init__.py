"""Measures how fast Strata is; `python -m benchmarks` or `make bench`."""
