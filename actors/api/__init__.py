"""The API's resources of actors, one short file a noun."""
