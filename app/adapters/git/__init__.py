"""git: how it is run, and the repository that a project lies in, read through git itself and never changed."""
