"""TODO-timer"""
