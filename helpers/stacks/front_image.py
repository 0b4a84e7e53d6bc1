"""The image of the front door: HAProxy out of Debian's package, without a pull."""

from __future__ import annotations

from ..bases import debian_root
from ..bases.archive import PATH, Recipe, present
from ..bases.busybox_root import known_architecture, mark
from ..bases.extend import extend
from ..engine import Engine, connect

__all__ = ["CONFIG", "MOST", "NAME", "PACKAGES", "PORT", "haproxy"]

NAME = "lbl/haproxy:2"
VERSION = 1  # of this recipe; count up when the image changes
PACKAGES = ("haproxy",)
PORT = 8080  # in the container
MOST = 20  # replicas that it knows at the same time
EXCLUDED = ("/etc/init.d/*", "/lib/systemd/*", "/etc/logrotate.d/*", "/etc/rsyslog.d/*",
            "/etc/haproxy/haproxy.cfg")  # fmt: skip
# Which service it leads to comes in by environment variables.
#
# No request shall be lost while replicas come and go. A replica that ends takes no connection any
# more, and one that ended or froze answers none: such a request is sent again, to another one
# (retry-on, redispatch; Debian's HAProxy 2.6, configuration manual 4.2). Names are looked up twice
# a second, so that a new replica gets requests soon.
CONFIG = f"""\
global
    maxconn 1000
    nbthread 1
    log stdout format raw local0 notice

defaults
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 5s
    timeout check 3s
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response response-timeout

resolvers docker
    nameserver dns 127.0.0.11:53
    accepted_payload_size 8192
    timeout resolve 500ms
    timeout retry 500ms
    hold valid 500ms
    hold nx 2s
    hold refused 2s
    hold timeout 5s
    hold other 2s

frontend door
    bind :{PORT}
    default_backend replicas

backend replicas
    balance roundrobin
    option httpchk GET /health
    default-server check inter 500ms fall 3 rise 1 init-addr none resolvers docker
    server-template replica 1-{MOST} "tasks.${{SERVICE}}:${{INSIDE}}"
"""


def haproxy(engine: Engine | None = None) -> str:
    """Make the image ``lbl/haproxy:2`` unless the engine holds it, and return its name.

    One layer on ``lbl/debian:12``: Debian's HAProxy, with the configuration of the course's front
    door. SERVICE is the name of the swarm's service that it leads to, INSIDE that service's port.

    Raises
    ------
    EngineFailed, DownloadFailed, NotOurs, EngineLost, NoSpace, NotWritable, TimedOut: as for
        `helpers.bases.extend`.
    """
    engine = engine or connect()
    architecture = known_architecture(engine)
    recipe = Recipe(
        name=NAME,
        architecture=architecture,
        author=mark(engine, "haproxy", VERSION, debian_root.VERSION, architecture),
        created_by="HAProxy 2.6, from Debian 12",
        cmd=("haproxy", "-W", "-db", "-f", "/etc/haproxy/door.cfg"),
        env=(PATH,),
        exposed=(f"{PORT}/tcp",),
    )
    if present(engine, recipe):
        return NAME
    files = {"etc/haproxy/door.cfg": CONFIG.encode()}
    return extend(engine, recipe, PACKAGES, lambda _: files, excluded=EXCLUDED)
