"""What can be picked: layers, activations, losses, optimizers, schedulers, regularization, metrics, augmentations."""
