"""ONNX files: opened without trust, their constants computed, their operations turned into layers."""
