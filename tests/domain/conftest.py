"""What every test of the domain may use."""

from hypothesis import settings

# A busy machine is no failure: how long an example takes says nothing about these rules.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
