"""Student code as text: syntax, forbidden calls, normal form, similarity."""
