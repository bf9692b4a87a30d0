"""What the products' bodies stand on: reading CSV, comparing it with the catalogue, and writing it."""
