import pytest
from django.contrib.auth import authenticate
from django.core.management.base import CommandError

from testimonies.models import User


@pytest.mark.parametrize(
    ("words", "is_staff", "is_superuser"),
    [
        (["--role", "reader"], False, False),
        (["--role", "coder"], True, False),
        (["--role", "editor"], True, False),
        (["--role", "custodian"], True, False),
        (["--role", "editor", "--superuser"], True, True),
        (["--role", "reader", "--superuser"], False, True),
    ],
)
def test_nothing_but_the_password_is_printed(run, words, is_staff, is_superuser):
    out, err = run("create_user", "invented", *words)
    user = User.objects.get(username="invented")
    assert authenticate(username="invented", password=out.removesuffix("\n")) == user
    assert err == "The password is not shown again; it can be changed after logging in.\n"
    assert (user.role, user.is_staff, user.is_superuser) == (words[1], is_staff, is_superuser)


def test_passwords_differ(run):
    assert run("create_user", "one", "--role", "coder") != run("create_user", "two", "--role", "coder")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("taken", "There is an account of this name. Choose another name, or change the password: manage.py changepassword NAME."),
        ("a b", "Enter a valid username."),
        ("", "This field cannot be blank."),
        ("x" * 151, "Ensure this value has at most 150 characters"),
    ],
)  # fmt: skip
def test_what_is_refused(run, name, said):
    run("create_user", "taken", "--role", "coder")
    with pytest.raises(CommandError) as caught:
        run("create_user", name, "--role", "coder")
    assert said in str(caught.value)
    assert User.objects.count() == 1
