"""The grammar of other languages, in the words of English: names and values are the project's own, in whatever language it has them."""
