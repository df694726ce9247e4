"""Sends a signal to itself, which it may."""


def attack(target):
    import signal

    caught = []
    signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(number))
    signal.raise_signal(signal.SIGUSR1)
    return len(caught)
