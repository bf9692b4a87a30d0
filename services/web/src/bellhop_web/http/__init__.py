"""HTTP as all routes need it: requests read strictly, their limits, problems, headers and cookies."""
