"""Never comes back from C code, with every signal ignored."""


def act(model):
    import itertools
    import signal

    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    return sum(itertools.repeat(0))
