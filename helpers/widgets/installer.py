"""The installation chooser: pick a platform, a release and a mirror, and copy the commands."""

from __future__ import annotations

from typing import Any

import ipywidgets

from ..install.catalogue import everything, mirrors
from ..install.choose import commands
from ..install.guide import Guide
from ..messages import language, speaking, text

__all__ = ["Installer", "installer"]


class Installer(ipywidgets.VBox):
    """Three menus, and below them the seven steps for what is chosen.

    The menus are the browser's own, so that they work with the keyboard and a screen reader. A
    notebook without a kernel, and ``print``, show the steps for the first choice.
    """

    def __init__(self, platform: str = "ubuntu", release: str | None = None) -> None:
        self._language, self._filling = language(), False
        first = commands(platform, release)
        known = everything()
        self.platform = _menu("platform", [(p.name, p.key) for p in known.values()])
        self.release = _menu("release", [])
        self.mirror = _menu("mirror", [])
        self.steps = ipywidgets.HTML()
        self.platform.value = first.platform.key
        self._refill()
        if first.release:
            self.release.value = first.release.id
        self._show()
        self.platform.observe(self._platform_chosen, "value")
        self.release.observe(self._show, "value")
        self.mirror.observe(self._show, "value")
        menus = ipywidgets.HBox(
            [self.platform, self.release, self.mirror], layout={"flex_flow": "row wrap"}
        )
        super().__init__([menus, self.steps])

    @property
    def guide(self) -> Guide:
        """The steps for what is chosen."""
        return commands(
            self.platform.value, self.release.value or None, mirror=self.mirror.value or None
        )

    def _platform_chosen(self, _change: object) -> None:
        self._filling = True  # the menus pass through states that fit no platform
        try:
            self._refill()
        finally:
            self._filling = False
        self._show()

    def _refill(self) -> None:
        with speaking(self._language):
            platform = everything()[self.platform.value]
            self.release.options = [
                (f"{r.id} ({r.codename})" if r.codename else r.id, r.id) for r in platform.releases
            ]
            self.release.value = platform.newest.id
            names = [(text("install.widget.official"), "")]
            names += [(m.name, m.key) for m in mirrors().values()]
            self.mirror.options = names if platform.mirrored else names[:1]
            self.mirror.value = ""
            self.mirror.disabled = not platform.mirrored

    def _show(self, _change: object = None) -> None:
        if self._filling:
            return
        with speaking(self._language):
            self.steps.value = self.guide._repr_mimebundle_()["text/html"]

    def __repr__(self) -> str:
        with speaking(self._language):
            return f"{text('install.widget.needs')}\n{self.guide}"

    def _repr_mimebundle_(self, **kwargs: object) -> Any:
        """Return the widget, and for a notebook without a kernel the steps as static HTML."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        static = {"text/plain": repr(self), "text/html": self.steps.value}
        return {**data, **static}, metadata


def installer(platform: str = "ubuntu", release: str | None = None) -> Installer:
    """Return a widget that shows how to install Docker on a platform.

    Parameters
    ----------
    platform, release: what is chosen at first, as for `helpers.install.commands`.

    Raises
    ------
    NotFound: as for `helpers.install.commands`.
    """
    return Installer(platform, release)


def _menu(key: str, options: list[tuple[str, str]]) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(
        options=options,
        description=text(f"install.widget.{key}"),
        style={"description_width": "initial"},
    )
