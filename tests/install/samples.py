"""Recorded /etc/os-release files, as the systems ship them, with a kernel that each has."""

from __future__ import annotations

from pathlib import Path

# name: (os-release, uname -r)
SYSTEMS = {
    "debian12": (
        """PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
""",
        "6.1.0-18-amd64",
    ),
    "debian13": (
        """PRETTY_NAME="Debian GNU/Linux 13 (trixie)"
NAME="Debian GNU/Linux"
VERSION_ID="13"
VERSION="13 (trixie)"
VERSION_CODENAME=trixie
DEBIAN_VERSION_FULL=13.1
ID=debian
""",
        "6.12.48+deb13-amd64",
    ),
    "debian14": (
        """PRETTY_NAME="Debian GNU/Linux forky/sid"
NAME="Debian GNU/Linux"
VERSION_CODENAME=forky
ID=debian
""",
        "6.16.8+deb14-amd64",
    ),
    **{
        f"ubuntu{release}": (
            f"""PRETTY_NAME="Ubuntu {release} LTS"
NAME="Ubuntu"
VERSION_ID="{release}"
VERSION_CODENAME={codename}
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME={codename}
""",
            kernel,
        )
        for release, codename, kernel in (
            ("18.04", "bionic", "4.15.0-213-generic"),
            ("20.04", "focal", "5.4.0-200-generic"),
            ("22.04", "jammy", "5.15.0-91-generic"),
            ("24.04", "noble", "6.8.0-45-generic"),
            ("26.04", "resolute", "7.0.0-10-generic"),
        )
    },
    "mint": (
        """NAME="Linux Mint"
VERSION="22 (Wilma)"
ID=linuxmint
ID_LIKE="ubuntu debian"
PRETTY_NAME="Linux Mint 22"
VERSION_ID="22"
VERSION_CODENAME=wilma
UBUNTU_CODENAME=noble
""",
        "6.8.0-45-generic",
    ),
    "kali": (
        """PRETTY_NAME="Kali GNU/Linux Rolling"
NAME="Kali GNU/Linux"
VERSION_ID="2025.3"
VERSION_CODENAME=kali-rolling
ID=kali
ID_LIKE=debian
""",
        "6.12.38+kali-amd64",
    ),
    "centos7": (
        """NAME="CentOS Linux"
VERSION="7 (Core)"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="7"
PRETTY_NAME="CentOS Linux 7 (Core)"
""",
        "3.10.0-1160.el7.x86_64",
    ),
    "centos6": (
        """NAME="CentOS Linux"
ID="centos"
VERSION_ID="6"
PRETTY_NAME="CentOS Linux 6"
""",
        "2.6.32-754.el6.x86_64",
    ),
    **{
        f"stream{release}": (
            f"""NAME="CentOS Stream"
VERSION="{release}"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="{release}"
PRETTY_NAME="CentOS Stream {release}"
""",
            kernel,
        )
        for release, kernel in (("9", "5.14.0-480.el9.x86_64"), ("10", "6.12.0-55.el10.x86_64"))
    },
    **{
        f"rhel{release.partition('.')[0]}": (
            f"""NAME="Red Hat Enterprise Linux"
VERSION="{release}"
ID="rhel"
ID_LIKE="fedora"
VERSION_ID="{release}"
PRETTY_NAME="Red Hat Enterprise Linux {release}"
""",
            kernel,
        )
        for release, kernel in (
            ("8.10", "4.18.0-553.el8_10.x86_64"),
            ("9.4", "5.14.0-427.el9_4.x86_64"),
            ("10.0", "6.12.0-55.el10_0.x86_64"),
        )
    },
    "rocky9": (
        """NAME="Rocky Linux"
VERSION="9.4 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"
""",
        "5.14.0-427.el9_4.x86_64",
    ),
    **{
        f"fedora{release}": (
            f"""NAME="Fedora Linux"
VERSION="{release} (Server Edition)"
ID=fedora
VERSION_ID={release}
PRETTY_NAME="Fedora Linux {release} (Server Edition)"
""",
            "6.17.1-300.fc43.x86_64",
        )
        for release in ("41", "43", "44")
    },
    "sles15": (
        """NAME="SLES"
VERSION="15-SP6"
VERSION_ID="15.6"
PRETTY_NAME="SUSE Linux Enterprise Server 15 SP6"
ID="sles"
ID_LIKE="suse"
""",
        "6.4.0-150600.21-default",
    ),
    "leap": (
        """NAME="openSUSE Leap"
VERSION="15.6"
ID="opensuse-leap"
ID_LIKE="suse opensuse"
VERSION_ID="15.6"
PRETTY_NAME="openSUSE Leap 15.6"
""",
        "6.4.0-150600.21-default",
    ),
    "tumbleweed": (
        """NAME="openSUSE Tumbleweed"
ID="opensuse-tumbleweed"
ID_LIKE="opensuse suse"
VERSION_ID="20251105"
PRETTY_NAME="openSUSE Tumbleweed"
""",
        "6.17.5-1-default",
    ),
    "arch": (
        """NAME="Arch Linux"
PRETTY_NAME="Arch Linux"
ID=arch
BUILD_ID=rolling
""",
        "6.17.7-arch1-1",
    ),
    "alpine": (
        """NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.22.2
PRETTY_NAME="Alpine Linux v3.22"
""",
        "6.12.56-0-lts",
    ),
    "amazon2": (
        """NAME="Amazon Linux"
VERSION="2"
ID="amzn"
ID_LIKE="centos rhel fedora"
VERSION_ID="2"
PRETTY_NAME="Amazon Linux 2"
""",
        "5.10.227-219.884.amzn2.x86_64",
    ),
    "amazon2023": (
        """NAME="Amazon Linux"
VERSION="2023"
ID="amzn"
ID_LIKE="fedora"
VERSION_ID="2023"
PRETTY_NAME="Amazon Linux 2023.6.20241010"
""",
        "6.1.112-122.189.amzn2023.x86_64",
    ),
    "nixos": (
        """NAME=NixOS
ID=nixos
VERSION_ID="25.05"
PRETTY_NAME="NixOS 25.05 (Warbler)"
""",
        "6.12.30",
    ),
}


def lay_out(root: Path, name: str) -> str:
    """Put a system's os-release below ``root``; return its kernel."""
    content, kernel = SYSTEMS[name]
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/os-release").write_text(content)
    return kernel
