"""The two databases of head office's tests."""

from tests.headoffice.conftest import place, postgres  # noqa: F401
