"""How found problems are written: for people, for programs, for GitHub, for code scanners. A file a format."""
