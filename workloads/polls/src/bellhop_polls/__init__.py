"""TODO-polls"""
