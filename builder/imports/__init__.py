"""Reads models that were made elsewhere: ONNX, Keras and our own JSON; nothing in a file is executed."""
