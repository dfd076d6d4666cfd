"""dbt artifacts → Ontology: the only room that knows dbt's file formats. It does no I/O: bytes come in, frozen data goes out."""
