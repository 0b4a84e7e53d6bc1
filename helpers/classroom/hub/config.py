"""JupyterHub's configuration; runs in the hub's container as ``jupyterhub -f config.py``.

``c`` is what traitlets puts there: https://jupyterhub.readthedocs.io/en/stable/reference/config-reference.html
"""

import json
import sys
import tempfile
from pathlib import Path

from jupyterhub._data import DATA_FILES_PATH

from helpers.classroom.hub import pages
from helpers.classroom.hub.authenticator import RosterAuthenticator
from helpers.classroom.hub.spawner import LearnerSpawner
from helpers.classroom.names import CLASS, DOOR, HUB_PORT, IMAGE, PROXY_API, SERVER_PORT, learner
from helpers.classroom.roster import INSTRUCTOR, Roster
from helpers.messages import LANGUAGES
from helpers.paths import NOTEBOOKS

c = c  # type: ignore[name-defined]  # noqa: F821
settings = json.loads((CLASS / "settings.json").read_text())
people = Roster(CLASS).people()

# The proxy is a container of its own: those who work go on when the hub is started again.
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = PROXY_API
c.JupyterHub.bind_url = f"https://0.0.0.0:{settings['port']}"
c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{HUB_PORT}"
c.JupyterHub.hub_connect_url = f"http://{DOOR}:{HUB_PORT}"
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
c.JupyterHub.db_url = f"sqlite:///{CLASS}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{CLASS}/cookie_secret"
c.JupyterHub.concurrent_spawn_limit = 0  # a class begins all at once; nobody is sent away
c.JupyterHub.active_server_limit = 0
c.JupyterHub.show_config = False

c.JupyterHub.authenticator_class = RosterAuthenticator
c.RosterAuthenticator.folder = str(CLASS)
c.Authenticator.allowed_users = set(people)
c.Authenticator.enable_auth_state = False

c.JupyterHub.spawner_class = LearnerSpawner
c.LearnerSpawner.image = IMAGE
c.LearnerSpawner.name_template = learner("{raw_username}")
c.LearnerSpawner.pull_policy = "never"
c.LearnerSpawner.remove = True
c.LearnerSpawner.use_internal_ip = True
c.LearnerSpawner.port = SERVER_PORT
c.LearnerSpawner.mem_limit = settings["memory"]
c.LearnerSpawner.cpu_limit = settings["cpus"]
c.LearnerSpawner.pids = settings["pids"]
c.LearnerSpawner.language = LANGUAGES[settings["language"]]
first = (settings["lessons"] or ["00"])[0]
begins = next((NOTEBOOKS / settings["language"]).glob(f"{first}-*.ipynb"))
c.LearnerSpawner.default_url = f"/lab/tree/{settings['language']}/{begins.name}"
# Where learners report how they get on, if they join (`helpers.classview`): the act is theirs.
c.LearnerSpawner.environment = json.loads((CLASS / "learner.json").read_text())
c.LearnerSpawner.start_timeout = 600
c.LearnerSpawner.http_timeout = 600

# The instructor sees who is there and starts and stops servers, but does not get into them.
roles = [
    {
        "name": "instructor",
        "scopes": ["admin-ui", "list:users", "read:users", "servers", "read:hub"],
        "users": [INSTRUCTOR],
    }
]
if settings["idle"]:
    roles.append(
        {
            "name": "culler",
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
            "services": ["culler"],
        }
    )
    timeout = 60 * settings["idle"]
    # How often work is noticed: else whoever works would seem idle for up to five minutes.
    noticed = min(300, timeout // 4)
    c.JupyterHub.last_activity_interval = noticed
    c.LearnerSpawner.environment["JUPYTERHUB_ACTIVITY_INTERVAL"] = str(noticed)
    c.JupyterHub.services = [
        {
            "name": "culler",
            "command": [
                sys.executable, "-m", "jupyterhub_idle_culler",
                f"--timeout={timeout}", f"--cull-every={min(300, timeout)}",
            ],
        }
    ]  # fmt: skip
c.JupyterHub.load_roles = roles
c.JupyterHub.template_vars = {"announcement_login": Path(CLASS / "welcome.txt").read_text("utf-8")}
if (language := LANGUAGES[settings["language"]]) != "en":
    pages.make(
        Path(DATA_FILES_PATH) / "templates", translated := Path(tempfile.mkdtemp()), language
    )
    c.JupyterHub.template_paths = [str(translated)]
    c.JupyterHub.template_vars["said"] = pages.said(language)
