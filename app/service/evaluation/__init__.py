"""How well questions in words are answered: golden questions are read, asked, judged and counted. Only `run` asks anybody; the rest is pure."""
