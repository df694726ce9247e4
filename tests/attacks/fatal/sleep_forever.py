"""Waits for ever without using the processor, with every signal blocked."""


def act(model):
    import signal
    import time

    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    time.sleep(10**6)
