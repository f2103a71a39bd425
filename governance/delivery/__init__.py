"""What leaves for the world: written down with the change, carried by the worker.

``outbox`` holds the messages and whose turn it is, ``carrier`` sends one, ``worker`` goes on
sending until it is told to stop.
"""
