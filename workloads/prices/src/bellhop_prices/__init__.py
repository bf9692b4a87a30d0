"""TODO-prices"""
