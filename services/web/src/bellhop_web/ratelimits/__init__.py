"""How often something may be asked: counted in Redis for all processes together; without Redis nothing is held back."""
