"""The dashboard: what is going on."""
