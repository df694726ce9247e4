"""Raises an exception whose text cannot be had."""


class Poisoned(BaseException):
    def __str__(self):
        raise SystemExit


def act(model):
    raise Poisoned
