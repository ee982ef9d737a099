"""The shell: it obeys what the core decides, and alone touches the world."""
