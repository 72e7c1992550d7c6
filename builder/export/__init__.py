"""Leaves Strata with a model: ONNX that takes raw data, its certificate, and plain PyTorch."""
