"""Keras files: `.keras` archives and `.h5`, opened without trust, their layers turned into Strata's."""
