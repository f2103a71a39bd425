"""The API's resources of agreements, one short file a noun."""
