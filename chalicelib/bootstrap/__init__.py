"""Creates the services and their collaborators from the settings, each at its first use.

A function in Lambda loads only the modules that it uses, because imports take most of a cold start. The
modules of this package therefore import a service where it is created.
"""

from chalicelib.bootstrap.externals import Externals, production_externals
from chalicelib.bootstrap.gateway import Gateway, build, gateway

__all__ = ["Externals", "Gateway", "build", "gateway", "production_externals"]
