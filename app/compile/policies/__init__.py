"""`meta.datamind` of models and columns → row and column policies. Whatever is malformed there fails closed."""
