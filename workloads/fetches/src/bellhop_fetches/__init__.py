"""TODO-fetches"""
