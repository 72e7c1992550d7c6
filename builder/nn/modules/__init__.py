"""Modules of our own for layers that torch lacks or cannot export; their text is printed into generated scripts."""
