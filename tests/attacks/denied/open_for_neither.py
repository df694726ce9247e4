"""Opens the secret file for neither reading nor writing, for which Landlock asks no right.

Before its third version Landlock would let such an open empty the file (O_TRUNC).
"""


def attack(target):
    import os

    return os.open(target["secret"], os.O_ACCMODE)
