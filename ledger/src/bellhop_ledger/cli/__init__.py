"""The command `bellhop`: what an operator does by hand."""
