"""The mechanisms that keep an agreement alive.

A mechanism is a module that holds a model with its periods, the verbs that change it and the
questions asked of it. To add one: write ``mechanisms/<noun>.py``; list its models in
``agreements/models.py``; give it a branch in ``governance/access.py``; add ``<noun>.py`` to
``admin``, ``api`` and ``portal``; say in ``membership.py`` and ``ending.py`` what joining,
leaving and ending mean for it; test it under ``tests/agreements/mechanisms``.
"""
