"""What the world looks like from the core: protocols, and the data that crosses them."""
