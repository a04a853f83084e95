import pytest
from hypothesis import settings

from sync.client import Client
from sync.pull import Pull
from sync.push import Push
from tests.sync.faulty_server import FaultyServer, served
from tests.sync.memory import HEALTH, SENT, MemoryOutbox, MemoryProgramme, MemorySurveys
from tests.sync.office import KEY, Office

settings.register_profile("patient", parent=settings.default, deadline=None)  # a busy machine is no fault
settings.load_profile("patient")


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def server(office):
    with FaultyServer(served(office)) as server:
        yield server


@pytest.fixture
def client(server):
    client = Client(server.address, KEY, deadline_s=5)
    yield client
    client.close()


@pytest.fixture
def hasty(server):
    """A client with a short deadline."""
    client = Client(server.address, KEY, deadline_s=0.4)
    yield client
    client.close()


@pytest.fixture
def outbox():
    return MemoryOutbox()


@pytest.fixture
def surveys():
    return MemorySurveys()


@pytest.fixture
def shelf():
    return MemoryProgramme()


@pytest.fixture
def push(client, outbox, surveys):
    return Push(client, outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH, batch_taps=8)


@pytest.fixture
def pull(client, shelf):
    return Pull(client, shelf)
