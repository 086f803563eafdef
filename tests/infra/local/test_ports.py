"""Ports: the contract's, or chosen; a taken one is named with the way out."""

import re
import socket
from dataclasses import astuple, replace

import pytest

from infra.errors import InfraError
from infra.local.ports import HOST, Ports


def test_the_defaults_are_the_contracts():
    assert Ports.chosen({}) == Ports(api=8000, dashboard=3000, checkout=3001, receiver=4000, aws=4566)


def test_each_can_be_chosen():
    assert Ports.chosen({"API_PORT": "8100", "AWS_PORT": "5566"}) == Ports(api=8100, aws=5566)


def test_a_port_that_is_no_number_is_refused():
    with pytest.raises(InfraError, match="must be a number"):
        Ports.chosen({"API_PORT": "eighty"})


def test_free_ports_are_different_ones():
    assert len(set(astuple(Ports.free()))) == 5


def test_a_taken_port_is_named_with_the_variable_that_chooses_another():
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = re.escape(f"Port {port} is taken; ") + f".*CHECKOUT_PORT={port + 1} make run"
        with pytest.raises(InfraError, match=message):
            replace(Ports.free(), checkout=port).require_free()
