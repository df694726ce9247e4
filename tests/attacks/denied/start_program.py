"""Starts a shell command."""


def attack(target):
    import subprocess

    return subprocess.run(["/bin/sh", "-c", "echo out"], capture_output=True).stdout.decode()
