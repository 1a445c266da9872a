"""Eosin's networks: pack data, train, evaluate, export. Research use only."""
