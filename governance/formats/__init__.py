"""Formats of days and moments where ours differ from Django's, a package for each language."""
