"""What `make release VERSION=0.1.0` does: refuse what is not ready, and make dist/0.1.0 of all the rest."""
