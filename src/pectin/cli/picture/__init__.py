"""Workflows as pictures: what there is to draw, where it goes, and the forms in which it is drawn.

`layout` and what it is made of (`layered`, `placing`, `routes`) know boxes and arrows only.
"""
