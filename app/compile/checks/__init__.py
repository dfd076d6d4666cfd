"""What is wrong with a metric or semantic model although each of its parts can be read: a file per kind of fault."""
