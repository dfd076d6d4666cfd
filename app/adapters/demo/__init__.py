"""The raw data of the demo business (a coffee and tea shop with subscription boxes): a deterministic generator, and loaders for both engines."""
