"""What the portal's pages share: finding what a reader may see, verbs, lists, history."""
