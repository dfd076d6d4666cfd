"""What changed between two layers, and what each change does to those who ask: breaking, meaning, additive or cosmetic. Pure; see docs/diff.md."""
