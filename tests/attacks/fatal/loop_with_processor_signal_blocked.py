"""Computes for ever, with the signal of the processor limit blocked."""


def act(model):
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    while True:
        pass
