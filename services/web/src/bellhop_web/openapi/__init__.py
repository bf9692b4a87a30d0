"""The OpenAPI document, and the library behind it."""
