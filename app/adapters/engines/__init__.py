"""The warehouse engines behind the port `app.ports.Engine`: one file an engine, one for its types, one for its connections."""
