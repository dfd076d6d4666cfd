"""The composition root: Settings → servers → Deps. The only place that chooses concrete classes."""
