"""Products: what the routes of the API and the pages share."""
