"""How an author writes a workflow in Python, and how it becomes a core `Definition`.

`Workflow` is what authors see. It notes down what they say in a `Draft` and never raises because of it; `build`
reports all that is wrong at once.
"""
