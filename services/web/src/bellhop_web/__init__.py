"""The web service: a Flask API that answers at once with a receipt."""
