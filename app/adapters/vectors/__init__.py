"""Where vectors are kept (`app.ports.VectorStore`): beside the store's tables, in Chroma, or in Qdrant."""
