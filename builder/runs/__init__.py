"""Runs: one training of one project each; their store, queue, folders, events and the worker's launch."""
