"""PostgreSQL, a relational database server, and its client psql, without a pull."""

from __future__ import annotations

from ..engine import Engine, connect
from . import debian_root
from .archive import PATH, Recipe, present
from .busybox_root import known_architecture, mark
from .extend import extend

__all__ = ["NAME", "PACKAGES", "postgres"]

NAME = "lbl/postgres:15"
VERSION = 1  # of this recipe; count up when the image changes
PACKAGES = ("postgresql-15",)
PROGRAMS = "/usr/lib/postgresql/15/bin"
DATA = "/var/lib/postgresql/data"
# Without its start script the package does not try to start a service while it is installed. What
# compiles queries (LLVM, 130 MB) is loaded when there is something to compile, and switched off.
EXCLUDED = (
    "/etc/init.d/postgresql*", "/usr/lib/postgresql/15/lib/bitcode/*",
    "/usr/lib/postgresql/15/lib/llvmjit*", "/usr/lib/*/libLLVM*", "/usr/lib/*/libz3*",
)  # fmt: skip
# The cluster and the key that the package makes for a machine: a container makes its own. Perl and
# the sources of locales were for that.
SCRIPT = """\
rm -rf /var/lib/postgresql/15 /etc/postgresql/15 /etc/ssl/private/ssl-cert-snakeoil.key
rm -rf /etc/ssl/certs/ssl-cert-snakeoil.pem /usr/share/perl /usr/lib/*/perl /usr/share/i18n
chmod 755 /usr/local/bin/docker-entrypoint.sh
"""
# What makes a database at a container's first start: with the variables and under the name that
# the usual image of PostgreSQL has for it, so that whatever expects that image can use this one.
ENTRY = f"""\
#!/bin/sh
set -e
PGDATA="${{PGDATA:-{DATA}}}"
export PGDATA
as_postgres() {{ setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; }}
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${{POSTGRES_PASSWORD:?must be set}}"
    user="${{POSTGRES_USER:-postgres}}"
    mkdir -p "$PGDATA"
    chown -R postgres:postgres "$PGDATA"
    chmod 700 "$PGDATA"
    as_postgres initdb --no-sync --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust \\
        --auth-host=scram-sha-256 >/dev/null
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    # reachable by nobody else meanwhile: on its socket alone
    as_postgres pg_ctl --wait --silent --options="-c listen_addresses=" start >/dev/null
    as_postgres psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --dbname=postgres \\
        --set=name="$user" --set=secret="$POSTGRES_PASSWORD" \\
        --set=base="${{POSTGRES_DB:-$user}}" <<'END'
SELECT CASE WHEN :'name' = 'postgres' THEN 'ALTER' ELSE 'CREATE' END AS verb \\gset
:verb ROLE :"name" LOGIN CREATEDB CREATEROLE PASSWORD :'secret';
SELECT :'base' <> 'postgres' AS another \\gset
\\if :another
CREATE DATABASE :"base" OWNER :"name";
\\endif
END
    as_postgres pg_ctl --wait --silent --mode=fast stop >/dev/null
fi
if [ "$1" = postgres ]; then
    shift
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- postgres \\
        -c listen_addresses='*' -c fsync=off -c jit=off "$@"
fi
exec "$@"
"""


def postgres(engine: Engine | None = None) -> str:
    """Make the image ``lbl/postgres:15`` unless the engine holds it, and return its name.

    One layer on ``lbl/debian:12``: Debian's PostgreSQL server and psql. A container of it makes a
    database in ``/var/lib/postgresql/data`` at its first start, with the user and the password of
    ``POSTGRES_USER`` and ``POSTGRES_PASSWORD``, who is no superuser, and listens on port 5432.
    It does not wait for the disk (``fsync`` is off): what it keeps is for a lesson.

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
        author=mark(engine, "postgres", VERSION, debian_root.VERSION, architecture, ENTRY),
        created_by="PostgreSQL 15, from Debian 12",
        cmd=("docker-entrypoint.sh", "postgres"),
        env=(f"{PATH}:{PROGRAMS}",),
        exposed=("5432/tcp",),
    )
    if present(engine, recipe):
        return NAME
    files = {"usr/local/bin/docker-entrypoint.sh": ENTRY.encode()}
    return extend(engine, recipe, PACKAGES, lambda _: files, excluded=EXCLUDED,
                  script=SCRIPT)  # fmt: skip
