"""Says how good a model is: metrics, baselines and curves."""
