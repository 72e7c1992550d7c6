"""What can be picked: layers, activations, losses, optimizers, schedulers, initializations, regularization, metrics, augmentations."""
