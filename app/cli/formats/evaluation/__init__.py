"""How `datamind eval` writes what came of its questions."""
