"""What a language model is told of a question, and what becomes of its draft. Pure: who calls the model is the pipeline."""
