"""Measurements for the figures of lesson 05: emulated, by hardware, recorded, odd."""

from __future__ import annotations

from dataclasses import replace

from helpers.machines import Beside, Board, Half, Start, Starts

EMULATED, HARDWARE = Board("microvm", "tcg", "7.2.22"), Board("pc", "kvm", "10.0.2")
BOX = Half(0.43, 782_000, 19_600_000, 2_100_000, 0, "6.12.48", "a", ("sleep 86413",))
GUEST = Half(
    2.8, 215_000_000, 0, 1_035_000, 14_100_000, "6.1.0-50-cloud-amd64", "b", ("qemu-system-x86_64",)
)
NOW = Beside("lbl/busybox:1", BOX, GUEST, EMULATED, ("6.12.48", "a"))
KVM = replace(NOW, board=HARDWARE, machine=replace(GUEST, seconds=0.21))
RECORDED = replace(NOW, recorded="2026-11-25", where="2 cores x86_64, Linux 6.18")
# Docker Desktop: neither memory nor shim can be seen, and the kernel is that of its machine
BLIND = replace(NOW, container=replace(BOX, memory=None, helper=None, boot="c"), board=HARDWARE)
ODD = replace(
    NOW,
    image="lbl/<b>" + "x" * 90,
    host=("6.1\x1b[31m" + "9" * 90, "a"),
    container=replace(BOX, release="6.1" + "9" * 90, seen=tuple(f"sh -c '{'x' * 80}'{n}"
                                                             for n in range(9))),
    machine=replace(GUEST, release="<i>" + "6" * 90, seen=()),
)  # fmt: skip

PROCESS = Start("process", (0.006, *(0.0008 + 0.0001 * (n % 5) for n in range(18)), 0.0104))
CONTAINER = Start("container", (0.298, 0.285, 0.226, 0.459, 0.431, 0.456, 0.374, 0.336, 0.43))
MACHINE = Start("machine", (4.87, 5.08, 4.36, 5.35, 5.57), EMULATED)
STARTS = Starts((PROCESS, CONTAINER, MACHINE))
STARTS_KVM = Starts((PROCESS, CONTAINER, Start("machine", (0.4, 0.21, 0.22), HARDWARE)))
STARTS_STORED = Starts((PROCESS, CONTAINER, replace(MACHINE, recorded="2026-11-25")), remote=True)
STARTS_FEW = Starts((Start("process", (0.00004,)), Start("machine", (58.0, 59.9), EMULATED)))
