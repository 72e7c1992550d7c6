"""What the screens are made of; the only place, with the pages, that imports streamlit."""
