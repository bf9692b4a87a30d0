"""Retention: where ended jobs are kept by the day on which they are forgotten, and how such a day goes."""
