"""Takes the service's right to open files."""


def attack(target):
    import resource

    return resource.prlimit(target["server"], resource.RLIMIT_NOFILE)
