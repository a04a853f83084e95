"""The kiosk's own question to its staff."""

import pytest

from survey.parse import parse_programme, parse_survey
from survey.prediction import prediction
from survey.problems import InvalidSurvey


def test_head_office_can_read_it_and_no_programme_can_hold_it():
    """Staff's prediction is a survey like any other on the wire, and is never shown to a shopper."""
    document = prediction().document()
    assert parse_survey(document) == prediction()
    with pytest.raises(InvalidSurvey, match="kind"):
        parse_programme([document])
    with pytest.raises(InvalidSurvey, match="metric"):
        parse_survey(document | {"kind": "in_the_moment"})
