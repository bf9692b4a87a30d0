"""Export: ended jobs as lines of JSON, before they are forgotten. See docs/operations/capacity.md."""
