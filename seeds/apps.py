"""The seeds as a Django app."""

from django.apps import AppConfig


class SeedsConfig(AppConfig):
    name = "seeds"
