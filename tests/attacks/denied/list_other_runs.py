"""Looks for the scratch folders of other runs beside its own."""


def attack(target):
    import os

    return os.listdir("..")
