"""Other engines, each in an environment of its own and never in ours."""
