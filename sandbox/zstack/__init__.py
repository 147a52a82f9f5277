"""A simulated ZStack management node that speaks the real protocol over real HTTP."""
