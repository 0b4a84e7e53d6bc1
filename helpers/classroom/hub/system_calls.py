"""The system calls that a learner's container has not, as a seccomp profile.

Docker's own profile forbids `pivot_root`, without which no engine inside can start a container. So
this one names what is forbidden instead of what is allowed: all that Docker's profile keeps from a
container with the right SYS_ADMIN (https://docs.docker.com/engine/security/seccomp/), and what is
known as a door to faults of the kernel and is needed by no lesson (bpf, perf, io_uring,
userfaultfd). In a user namespace the kernel refuses most of them anyway; here nobody even asks it.
"""

from __future__ import annotations

import json

__all__ = ["profile"]

EPERM, ENOSYS = 1, 38
FORBIDDEN = (
    "acct", "adjtimex", "bpf", "clock_adjtime", "clock_settime", "create_module", "delete_module",
    "fanotify_init", "finit_module", "get_kernel_syms", "get_mempolicy", "init_module",
    "io_uring_enter", "io_uring_register", "io_uring_setup", "ioperm", "iopl", "kexec_file_load",
    "kexec_load", "lookup_dcookie", "mbind", "migrate_pages", "move_pages", "nfsservctl",
    "open_by_handle_at", "perf_event_open", "query_module", "quotactl", "quotactl_fd", "reboot",
    "set_mempolicy", "settimeofday", "stime", "swapoff", "swapon", "_sysctl", "sysfs", "syslog",
    "uselib", "userfaultfd", "ustat", "vm86", "vm86old",
)  # fmt: skip
# Keys are not kept apart by namespaces. The engine inside goes on without them if it is told that
# the kernel has none.
MISSING = ("add_key", "keyctl", "request_key")
VSOCK, ALG = 40, 38  # address families: to a hypervisor, and to the kernel's cryptography
ARCHITECTURES = [
    {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
    {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
]


def profile() -> str:
    """Return the profile as Docker takes it after ``seccomp=``."""
    deny = "SCMP_ACT_ERRNO"
    rules: list[dict] = [
        {"names": list(FORBIDDEN), "action": deny, "errnoRet": EPERM},
        {"names": list(MISSING), "action": deny, "errnoRet": ENOSYS},
    ]
    for family in (VSOCK, ALG):
        argument = {"index": 0, "value": family, "op": "SCMP_CMP_EQ"}
        rules.append({"names": ["socket"], "action": deny, "errnoRet": EPERM, "args": [argument]})
    return json.dumps(
        {"defaultAction": "SCMP_ACT_ALLOW", "archMap": ARCHITECTURES, "syscalls": rules}
    )
