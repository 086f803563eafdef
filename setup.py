"""The packages of `pip install`. pyproject.toml has everything else.

A stack is built from files of the repository, which are not modules for the installed gateway: `app.py` and
the sites. They are installed as the folder `infra/installed`, where infra/project.py finds them, so that they
take no names such as `app` from the shop in whose environment they are.
"""

from setuptools import find_packages, setup

FILES = [
    ".chalice/config.json",
    "chalicelib/**/*.py",
    "dashboard_static/.npmrc",
    "dashboard_static/**/*",
    "docs/examples/webhooks/*",
    "localstack-compose.yml",
    "requirements.txt",
    "sdk/**/*",
]

setup(
    packages=[*find_packages(include=["chalicelib", "chalicelib.*", "infra", "infra.*"]), "infra.installed"],
    package_dir={"infra.installed": "."},
    package_data={"infra.installed": FILES, "infra.local.receiver": ["page/*"]},
    include_package_data=False,
)
