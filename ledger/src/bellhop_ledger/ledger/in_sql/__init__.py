"""Submission by a function of the database, for applications that submit in a transaction of their own."""
