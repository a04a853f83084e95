import pytest

from headoffice.problems import Invalid
from headoffice.store import people, tokens
from headoffice.store.audit import By
from headoffice.work import access, sign_in
from headoffice.work.secrets import hash_key
from tests.headoffice.running import Office

HOUR_MS = 3_600_000


@pytest.fixture
def office(tmp_path, place):
    """A head office that is not served."""
    office = Office(tmp_path, place=place)
    yield office
    office.close()


def code_for(office, *, now=0):
    return office.change(
        lambda connection: access.add_person(
            connection, email="a@b.example", role="analyst", by=By("test", now)
        )
    )


def signed_in(office, code, *, now):
    """The person of a code, or None."""
    return office.change(lambda connection: sign_in.person_of_code(connection, code=code, now=now))


def test_a_sign_in_code_works_once_within_a_day(office):
    """A code is good until 24 hours are over, and only the first time."""
    first, second = code_for(office), code_for(office)
    assert signed_in(office, first, now=24 * HOUR_MS) is None
    assert signed_in(office, second.lower().replace("-", " "), now=24 * HOUR_MS - 1) == 1
    assert signed_in(office, second, now=1) is None
    assert signed_in(office, "00000-00000-00000-00000", now=1) is None


def test_a_session_ends_by_itself(office):
    """A session is over after twelve hours; its cookie is nowhere in the database."""
    code_for(office)
    cookie = office.change(
        lambda connection: sign_in.open_session(connection, person=1, now=0, how="password")
    )

    def whose(now):
        with office.database.read() as connection:
            return people.person_of_session(connection, session=hash_key(cookie), now=now)

    assert whose(12 * HOUR_MS - 1).email == "a@b.example"
    assert whose(12 * HOUR_MS) is None
    assert cookie not in repr(office.rows("SELECT * FROM sessions"))


def test_who_was_given_no_site_sees_none(office):
    """A manager without a site or tag sees nothing, an analyst all; a site given later is seen at once."""

    def sees(role, bounds=access.EVERYWHERE):
        email = f"{role}@b.example"
        by = By("test", 0)
        office.change(
            lambda connection: access.add_person(connection, email=email, role=role, by=by, bounds=bounds)
        )
        with office.database.read() as connection:
            return people.person_by_email(connection, email).sites

    assert [sees(role) for role in people.ROLES] == [None, None, frozenset(), frozenset()]
    assert sees("store_manager", access.Bounds([office.site])) == {office.site}
    assert sees("store_manager") == frozenset()


def test_what_is_over_is_forgotten(office):
    """Sessions and codes that are over or used leave the database; those that are good stay."""
    used, late = code_for(office), code_for(office, now=HOUR_MS)
    signed_in(office, used, now=1)
    office.change(lambda connection: sign_in.open_session(connection, person=1, now=0, how="password"))
    office.change(lambda connection: sign_in.open_session(connection, person=1, now=HOUR_MS, how="password"))
    office.code(now=0)

    def left():
        names = ("sessions", "sign_in_codes", "enrol_codes")
        return [office.value(f"SELECT count(*) FROM {name}") for name in names]  # noqa: S608 - this test's

    assert left() == [2, 2, 1]
    assert office.change(lambda connection: people.forget_the_past(connection, now=12 * HOUR_MS)) == 3
    assert left() == [1, 1, 0]
    assert signed_in(office, late, now=24 * HOUR_MS) == 1


def test_a_new_password_voids_what_was_given_before(office):
    """Choosing a password ends every session and voids every code of that person."""
    code = code_for(office)
    cookie = office.change(
        lambda connection: sign_in.open_session(connection, person=1, now=0, how="password")
    )
    kept = sign_in.hash_password("correct horse battery", email="you@example.com")
    office.change(lambda connection: people.put_password(connection, 1, kept))
    with office.database.read() as connection:
        assert people.person_of_session(connection, session=hash_key(cookie), now=1) is None
    assert signed_in(office, code, now=1) is None


def test_a_password_is_slow_to_guess_and_fits_only_itself():
    """Passwords are kept as argon2id; a wrong one, and any where none is kept, does not fit."""
    kept = sign_in.hash_password("correct horse battery", email="you@example.com")
    assert kept.startswith("$argon2id$")
    assert sign_in.password_fits(kept, "correct horse battery")
    assert not sign_in.password_fits(kept, "correct horse batterY")
    assert not sign_in.password_fits(None, "nobody")
    assert not sign_in.password_fits("no hash", "x")


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 201])
def test_a_password_must_have_a_length(password):
    """Fewer than 12 or more than 200 characters are refused."""
    with pytest.raises(Invalid, match="12 to 200"):
        sign_in.hash_password(password, email="you@example.com")


def test_a_token_is_found_until_it_is_over_or_taken_back(office):
    """Only a token's hash is kept; expired and revoked ones are not found."""
    token = office.change(
        lambda connection: access.make_token(connection, name="x", scope="results", by=By("test", 0))
    )

    def found(now):
        with office.database.read() as connection:
            return tokens.find_token(connection, token=hash_key(token), now=now)

    assert found(1).scope == "results"
    assert token not in repr(office.rows("SELECT * FROM tokens"))
    office.change(lambda connection: connection.exec_driver_sql("UPDATE tokens SET expires_at = 10"))
    assert found(9) is not None
    assert found(10) is None
    office.change(
        lambda connection: connection.exec_driver_sql("UPDATE tokens SET revoked_at = 5, expires_at = NULL")
    )
    assert found(9) is None


@pytest.mark.parametrize(("scope", "results", "admin"), [("results", True, False), ("admin", True, True)])
def test_admin_may_all_that_results_may(scope, results, admin):
    """The scope admin includes the scope results, not the other way about."""
    token = tokens.Token(1, "x", scope)
    assert (token.allows("results"), token.allows("admin")) == (results, admin)
