"""The font that every figure is set in, and the script that makes it."""
