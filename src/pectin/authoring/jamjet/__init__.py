"""JamJet's intermediate representation, read and written: documents of `WorkflowIr`, as JSON or YAML.

Each field becomes what the reference says, exactly, or is refused by its name.
"""
