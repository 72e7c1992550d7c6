"""Checks a project without torch: shapes, cost, every problem with its fixes; edits and their history."""
