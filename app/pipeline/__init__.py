"""The seven stages, a file each, and the walker that runs them."""
