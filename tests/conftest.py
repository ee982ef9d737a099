"""What all tests share: how hard hypothesis tries, and that the contract's assertions show their values.

`default` is for every `make check`, `thorough` (`pytest --hypothesis-profile=thorough`) for `make test`.
Neither has a deadline: on a busy machine that would report the machine.
"""

import pytest
from hypothesis import settings

settings.register_profile("default", max_examples=50, deadline=None, print_blob=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=300)
settings.load_profile("default")

pytest.register_assert_rewrite("pectin.testing.store_contract")
