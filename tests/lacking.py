"""Takes layers of confinement away from this process and all that it starts, as machines do.

`python lacking.py '{"deny": {"unshare": 1}, ...}' program argument...` starts a program without them:
deny         system calls by name, with the error that they give (1 as in Docker's default profile,
             38 on a kernel that does not know them)
no_seccomp   no further filters can be put in force
no_rights    capabilities, by number, that nobody has any more
hidden_proc  /proc is empty
hidepid      /proc shows to each user only the processes that are theirs to look into
"""

import ctypes
import json
import os
import struct
import sys
from typing import Any

from abm_quant.running.confining import seccomp

NUMBERS = {
    "setresuid": 117,
    "setresgid": 119,
    "pivot_root": 155,
    "mount": 165,
    "unshare": 272,
    "prlimit64": 302,
    "setns": 308,
    "capset": 126,
    "pidfd_open": 434,
    "clone3": 435,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}
"""On x86_64."""
_PRCTL, _SET_SECCOMP, _NO_NEW_PRIVILEGES, _DROP_FROM_BOUNDING_SET = 157, 22, 38, 24
_NEW_MOUNTS, _PRIVATE = 0x20000, 0x44000
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000


def take_away(
    *,
    deny: dict[str, int] | None = None,
    no_seccomp: bool = False,
    no_rights: tuple[int, ...] = (),
    hidden_proc: bool = False,
    hidepid: bool = False,
) -> None:
    """Take layers away from this thread and what it starts from now on."""
    libc = ctypes.CDLL(None, use_errno=True)
    if hidden_proc or hidepid:
        kind, data = (b"tmpfs", None) if hidden_proc else (b"proc", b"hidepid=4")
        assert libc.unshare(_NEW_MOUNTS) == 0
        assert libc.mount(b"", b"/", b"", ctypes.c_ulong(_PRIVATE), None) == 0
        assert libc.mount(b"none", b"/proc", kind, ctypes.c_ulong(0), data) == 0
    for right in no_rights:
        assert libc.prctl(_DROP_FROM_BOUNDING_SET, ctypes.c_ulong(right), 0, 0, 0) == 0
    if deny or no_seccomp:
        assert libc.prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), 0, 0, 0) == 0
        seccomp.install(_filter(deny or {}, no_seccomp=no_seccomp))


def _filter(deny: dict[str, int], *, no_seccomp: bool) -> bytes:
    code = _part(0x20, 0)
    for name, error in deny.items():
        code += _part(0x15, NUMBERS[name], 0, 1) + _part(0x06, _FAIL | error)
    if no_seccomp:
        code += _part(0x15, _PRCTL, 0, 3) + _part(0x20, 16)
        code += _part(0x15, _SET_SECCOMP, 0, 1) + _part(0x06, _FAIL | 22)
    return code + _part(0x06, _ALLOW)


def _part(code: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, constant)


def main() -> None:
    """Start a program without some layers."""
    lacking: dict[str, Any] = json.loads(sys.argv[1])
    take_away(**lacking)
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
