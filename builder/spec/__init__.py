"""What a project says: data, model and training as one readable JSON document."""
