"""Imports a module of the service that the child has not loaded."""


def attack(target):
    import sys

    sys.path.insert(0, target["import_path"])
    import abm_quant.settings

    return repr(abm_quant.settings)
