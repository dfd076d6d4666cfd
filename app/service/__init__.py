"""Use cases: each takes its Deps as an argument, and every door calls the same ones."""
