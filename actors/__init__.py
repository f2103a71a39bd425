"""Who takes part: regions, organizations, people with their appointments, users."""
