"""The block on the network that all tests run under."""

from __future__ import annotations

import socket

import pytest


def test_a_connection_to_another_machine_is_refused(network_attempts: list[str]) -> None:
    with socket.socket() as outside, pytest.raises(ConnectionRefusedError, match="no network"):
        outside.connect(("192.0.2.1", 80))
    assert network_attempts
    network_attempts.clear()


def test_the_name_of_another_machine_is_not_looked_up(network_attempts: list[str]) -> None:
    with pytest.raises(ConnectionRefusedError, match="no network"):
        socket.create_connection(("example.org", 80))
    network_attempts.clear()


def test_this_machine_can_be_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
        server.accept()[0] as accepted,
    ):
        client.sendall(b"x")
        assert accepted.recv(1) == b"x"
