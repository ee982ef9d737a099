"""Workflows as documents, YAML or JSON: from a text to a draft, and every problem with the word that it is about.

    text ─ yaml, json ─▶ tree ─ header, types, kinds, ways ─▶ draft ─ authoring.building ─▶ a workflow that can run

A draft is the same that the Python builder makes, so that there is one way from there on. `pointing` leads a problem
back to the line and the word; `functions` finds what `run: NAME` means.
"""
