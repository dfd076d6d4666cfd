"""Models that make vectors of texts, read from their packages' files (`app.ports.Embedder`). Nothing is downloaded."""
