"""The portal's pages about actors, and signing in."""
