"""Trains: the loop, the examples it takes, the metrics it reports, and the worker around it."""
