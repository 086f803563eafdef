"""Ports: the documented defaults, or chosen by the user; the error for a used port contains a solution."""

import errno
import re
import socket
from dataclasses import astuple, replace

import pytest

from infra.errors import InfraError
from infra.local.ports import HOST, HOST_V6, Ports, is_taken


def test_the_defaults_are_the_documented_ports():
    assert Ports.chosen({}) == Ports(api=8000, dashboard=3000, checkout=3001, receiver=4000, aws=4566)


def test_each_port_can_be_chosen():
    assert Ports.chosen({"API_PORT": "8100", "AWS_PORT": "5566"}) == Ports(api=8100, aws=5566)


def test_a_port_that_is_not_a_number_is_rejected():
    with pytest.raises(InfraError, match="API_PORT must be a port from 1 to 65535, not 'eighty'"):
        Ports.chosen({"API_PORT": "eighty"})


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_port_is_the_default(text):
    assert Ports.chosen({"API_PORT": text}) == Ports()


def test_the_proposed_port_is_valid_and_different_from_the_others():
    with pytest.raises(InfraError, match="CHECKOUT_PORT=3001 make run"):
        Ports.chosen({"CHECKOUT_PORT": "3000"})
    with pytest.raises(InfraError, match="RECEIVER_PORT=3002 make run"):
        Ports.chosen({"RECEIVER_PORT": "3000"})
    with pytest.raises(InfraError, match="DASHBOARD_PORT=8000 make run"):
        Ports.chosen({"API_PORT": "65535", "DASHBOARD_PORT": "65535"})


def test_a_privileged_port_has_its_own_error(monkeypatch):
    def refuse(_port):
        raise PermissionError

    monkeypatch.setattr("infra.local.ports.listen_on", refuse)
    with pytest.raises(InfraError, match=r"Port 80 requires administrator rights.*API_PORT=1024 make run"):
        Ports(api=80).require_free()


def test_free_ports_are_different():
    assert len(set(astuple(Ports.free()))) == 5


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, HOST), (socket.AF_INET6, HOST_V6)])
def test_the_error_for_a_used_port_contains_the_variable_that_changes_it(family, host):
    """Each loopback address counts, because a browser that opens `localhost` tries both."""
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        message = re.escape(f"Port {port} is in use. ") + f".*CHECKOUT_PORT={port + 1} make run"
        with pytest.raises(InfraError, match=message):
            replace(Ports.free(), checkout=port).require_free()


def test_a_server_of_the_gateway_is_found_on_its_own_address_only():
    """A server on `::1` is not the local AWS, to which commands would connect."""
    with socket.create_server((HOST_V6, 0), family=socket.AF_INET6) as other:
        assert not is_taken(other.getsockname()[1])
    with socket.create_server((HOST, 0)) as own:
        assert is_taken(own.getsockname()[1])


def test_a_machine_without_ipv6_can_listen(monkeypatch):
    def no_ipv6(family=socket.AF_INET, *rest):
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return created(family, *rest)

    created = socket.socket
    monkeypatch.setattr("infra.local.ports.socket.socket", no_ipv6)
    Ports.free().require_free()
