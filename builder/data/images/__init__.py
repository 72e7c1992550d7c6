"""Images with one class each: archives, folders and IDX files."""
