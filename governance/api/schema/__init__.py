"""How the API describes itself: one OpenAPI 3.1 document, drawn from the code that answers."""
