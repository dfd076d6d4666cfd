"""OSI (Ossie) documents: datasets, relationships, metrics with expressions per dialect, custom extensions."""
