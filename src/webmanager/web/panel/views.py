"""What the page *Front panel* shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webmanager.domain.panel import LABELS, LIGHTS, Lamp, Light, mode_text
from webmanager.engine.front_panel import OUTPUTS, OutputState
from webmanager.language.spoken import gettext as _
from webmanager.web.accounts.roles import Role
from webmanager.web.frame.views import Shell
from webmanager.web.site.site import Site
from webmanager.web.texts.figures import DASH, moment
from webmanager.web.texts.words import PANEL


@dataclass(frozen=True, slots=True)
class LampRow:
    """One lamp in words."""

    key: str
    label: str
    light: str
    word: str
    why: str


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One output in words; `state` is on, off or none."""

    key: str
    label: str
    state: str
    word: str
    why: str
    since: str


@dataclass(frozen=True, slots=True)
class PanelView:
    """The page. `lights` and `states` are for the picture; `said` is what came of the form that was just sent."""

    shell: Shell
    phase: str
    lamps: Sequence[LampRow]
    outputs: Sequence[OutputRow]
    lights: Mapping[str, str]
    states: Mapping[str, str]
    dip: tuple[bool, bool]
    dip_text: str
    dip_waits: bool
    dip_fixed_by: str
    mode: str
    may_move: bool
    may_restart: bool
    can_mute: bool
    described: str
    said: str = ""


def panel_view(site: Site, shell: Shell, role: Role, said: str = "") -> PanelView:
    """The page as it is now, for somebody of a role."""
    picture = site.panel.look()
    rows = [_lamp(lamp) for lamp in picture.lamps]
    outputs = [_output(one, site) for one in picture.outputs]
    return PanelView(
        shell=shell,
        phase=picture.phase.value,
        lamps=rows,
        outputs=outputs,
        lights=picture.lights,
        states={row.key: row.state for row in outputs},
        dip=(picture.dips.one, picture.dips.two),
        dip_text=mode_text(picture.dips),
        dip_waits=picture.dips != picture.at_boot,
        dip_fixed_by=_(picture.dips_fixed_by) if picture.dips_fixed_by else "",
        mode=PANEL[picture.mode.value],
        may_move=role >= Role.ADMIN and not picture.dips_fixed_by,
        may_restart=role >= Role.ADMIN and site.parts.restart is not None,
        can_mute=picture.can_silence,
        described=" ".join(f"{row.label}: {row.word}." for row in rows if row.light != Light.OFF),
        said=said,
    )


def _lamp(lamp: Lamp) -> LampRow:
    return LampRow(lamp.key, _(LABELS[lamp.key]), lamp.light.value, _(LIGHTS[lamp.light]), lamp.why)


def _output(one: OutputState, site: Site) -> OutputRow:
    state = "none" if one.is_on is None else "on" if one.is_on else "off"
    since = moment(one.last.at, site.zone) if one.last else DASH
    return OutputRow(one.output.value, _(OUTPUTS[one.output]), state, PANEL[f"output_{state}"], one.why, since)
