"""From sources to typed columns and images, dealt to training, validation and test."""
