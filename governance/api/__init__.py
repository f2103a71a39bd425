"""What every API resource shares: reading rows, writing, errors, paging, tokens, the schema."""
