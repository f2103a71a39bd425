"""Real data in the package format, and the command that loads it; an app without tables."""
