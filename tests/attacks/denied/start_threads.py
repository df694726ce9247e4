"""Starts threads without end."""


def attack(target):
    import threading
    import time

    for _ in range(100):
        threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
    return "100 threads"
