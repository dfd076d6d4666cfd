"""What comes in and goes out over HTTP, as pydantic models. Requests refuse fields that they do not know."""
