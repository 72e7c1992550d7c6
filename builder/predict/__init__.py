"""Asks an exported ONNX file for answers, without torch."""
