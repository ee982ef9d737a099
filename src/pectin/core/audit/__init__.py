"""The audit: what no history may hold, whether what is stored beside it agrees, and whether anybody is stranded.

It is kept apart from the fold and from `decide`, so that it can be held against them: by simulations after every
commit, by `pectin doctor`, and by a running engine. It costs little per event, and never raises.
"""

from pectin.core.audit.finding import MEANINGS, SWEPT, Finding, found
from pectin.core.audit.history import Audit
from pectin.core.audit.prospect import Prospect, prospects, stranded
from pectin.core.audit.row import Projected, audit_row

__all__ = [
    "MEANINGS",
    "SWEPT",
    "Audit",
    "Finding",
    "Projected",
    "Prospect",
    "audit_row",
    "found",
    "prospects",
    "stranded",
]
