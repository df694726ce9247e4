"""Claims an end after more steps than were recorded."""


def act(model):
    import os

    line = b'{"type":"finished","steps":99,"stop_reason":"steps"}'
    os.write(3, line + chr(10).encode())
