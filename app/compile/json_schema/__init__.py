"""JSON Schemas of the YAML that people write for DataMind and that it writes itself, made of the types that read and write it."""
