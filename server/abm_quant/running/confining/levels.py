"""The levels of confinement, the strongest first, and what each layer denies, in words."""

from dataclasses import dataclass

NAMESPACES = (
    "namespaces: the machine's files, network, processes and shared memory are not there; "
    "only Python's libraries and the scratch folders are"
)
OWN_USER = "own user: a user and group that own nothing else"
SECCOMP = (
    "seccomp: sockets, new processes and threads, other programs, tracing and signaling others, "
    "changing modes, owners and times, mounts, namespaces, kernel interfaces"
)
NO_OPEN = "seccomp: opening any file, whatever it is; there is no scratch folder"
LIMITS = "limits: memory, processor time, file size, open files, no core files"
PRIVILEGES = "no new privileges, no capabilities, empty environment, ends with the service"


@dataclass(frozen=True)
class Level:
    """Which layers are put in force around a run."""

    name: str
    namespaces: bool
    """The zygote and its runs have a file system, network and processes of their own."""
    landlock: bool
    """Landlock grants files one by one; where it is not, no file can be opened at all."""


LEVELS = {
    level.name: level
    for level in (
        Level("full", namespaces=True, landlock=True),
        Level("kernel", namespaces=False, landlock=True),
        Level("noopen", namespaces=False, landlock=False),
    )
}
"""By name, the strongest first."""


def layers(level: Level, landlock: list[str], *, own_user: bool) -> list[str]:
    """Give in words what a level denies, with the words for the Landlock in force."""
    around = [NAMESPACES] if level.namespaces else []
    user = [OWN_USER] if own_user else []
    files = landlock if level.landlock else [NO_OPEN]
    return [*around, *user, *files, SECCOMP, LIMITS, PRIVILEGES]
