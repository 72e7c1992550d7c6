"""What can be picked: layers, activations, losses, optimizers, regularization, metrics, augmentations."""
