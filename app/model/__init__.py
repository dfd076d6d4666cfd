"""The nouns: frozen, slotted records without I/O, each with a stable content hash. See ARCHITECTURE.md."""
