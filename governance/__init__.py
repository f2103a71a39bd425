"""Concord's foundation and roof.

The foundation (clock, periods, record, base, references, lifecycle, tree, api, portal) imports
no app; the roof (settings, urls, wsgi, asgi) imports all; ``access`` stands above the models and
below every door.
"""
