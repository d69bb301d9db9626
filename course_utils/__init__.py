"""Record what Python threads do, and draw it."""
