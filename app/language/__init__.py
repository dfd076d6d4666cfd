"""Words to meaning and back: the lexicon, the grounded interpreter, periods, restating, narration and definitions.

Nothing here knows a business: every name, label, synonym and value comes from the Ontology that is passed in, which holds only what the
caller may see.
"""
