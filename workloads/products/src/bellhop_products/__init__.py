"""TODO-products"""
