"""`make shell`: a Python prompt on the running stack."""
