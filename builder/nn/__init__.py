"""Turns a project into torch modules; from here on torch may be imported."""
