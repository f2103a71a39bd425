"""What the tests need of the machine: a PostgreSQL server and a browser, found or brought."""
