"""What lies in the memory of a process from its start: not what few requests need, each of which loads it then (docs/adr/0039)."""

import subprocess
import sys

import pytest

ANSWERS = """
from config.wsgi import application
from django.urls import resolve
resolve("/api/v1/testimonies/")
"""
DOES_JOBS = """
import django
django.setup()
from testimonies.management.commands.run_jobs import Command
assert Command.requires_system_checks == []  # they load every address
"""
CHECKS_THE_ADMIN = """
import django
django.setup()
from django.core import checks
assert checks.run_checks(tags=["admin"]) == []
"""
LATE = {
    # who needs it: what it is
    "agreement": {"numpy"},
    "a language that is written": {"langcodes"},
    "the OpenAPI document": {"drf_spectacular.openapi", "drf_spectacular.plumbing", "testimonies.api.schema", "testimonies.api.components"},
    "the page of the API": {"drf_spectacular.views"},
    "the desk": {"testimonies.admin.site", "testimonies.admin.testimonies", "django.contrib.admin.forms"},
    "a job": {"testimonies.services.jobs"},
    "tests and checks": {"django.test", "unittest", "pytest", "openpyxl", "jsonschema"},
}  # fmt: skip
TO_ANSWER = {"testimonies.api.v1.urls", "config.urls", "rest_framework.serializers"}


def loaded(code: str) -> set[str]:
    """The modules of a fresh process that has run the code."""
    words = [sys.executable, "-c", f"import os, sys\nos.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'\n{code}\nprint(*sys.modules)"]  # fmt: skip
    return set(subprocess.run(words, check=True, capture_output=True, text=True).stdout.split())


@pytest.fixture(scope="module")
def answers() -> set[str]:
    return loaded(ANSWERS)


@pytest.mark.parametrize("who", LATE)
def test_a_process_that_answers_programs_begins_without_it(answers, who):
    assert answers >= TO_ANSWER  # it can answer
    assert answers & LATE[who] == set()


def test_a_process_that_does_jobs_begins_without_what_answers():
    found = loaded(DOES_JOBS)
    assert "testimonies.services.jobs" in found
    assert found & (TO_ANSWER | set().union(*LATE.values()) - LATE["a job"]) == set()


def test_the_checks_of_an_admin_see_all_of_the_desk():
    assert loaded(CHECKS_THE_ADMIN) >= LATE["the desk"]
