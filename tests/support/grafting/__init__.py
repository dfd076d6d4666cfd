"""What a graft is written as: nodes of the manifest, and YAML."""
