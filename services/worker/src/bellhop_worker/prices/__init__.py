"""What becomes of games and prices once a source has given them."""
