"""Who asks, and whom each route is for."""
