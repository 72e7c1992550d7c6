"""The editor of the model: a component that draws it and sends operations, which Python carries out."""
