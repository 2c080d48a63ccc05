"""`docs/settings.md`: every section and field of the configuration, made from the models."""

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from webmanager.settings.changes import needs_restart
from webmanager.settings.labels import help_of, models_in, unit_of
from webmanager.settings.model import Settings
from webmanager.web.settings.form_shape import Kind, limit_of, shape_of

MARK = (
    "<!-- Made from src/webmanager/settings by `python -m webmanager.app.generated_docs`: "
    "edit the models, not this page. -->"
)
_RULES = """\
The configuration stands in `settings.toml` in the data directory, one table a section. The pages under `/settings`,
the [HTTP interface](http-api.md) and an editor write the same file; comments and order in it are kept.

- **Apply** puts a change in force at once; fields marked *restart* wait for the next restart. **Save** makes what is in
  force survive a restart. What is applied and not saved is shown on every settings page, and lost by a restart.
- All of a change is checked before any of it counts; each mistake is told at its field.
- The file is replaced in one step: after a power cut there is the old or the new one, never half of one.
- `settings.last-good.toml` is the configuration the device last ran with. If `settings.toml` cannot be read, says
  something impossible, or the device does not start with it (a port in use, an address this host does not have), the
  device runs on the last good one, else on the defaults, and says so in the log, on the settings pages and in the event
  log. The file itself stays until something is saved, then it is kept as `settings.rejected.toml`.
- After a reboot asked for over the network with another address or port, other HTTPS or another access list, that
  configuration is on trial: unless an admin logs in within `network.trial_min` minutes, from another host if the reboot
  was asked for from another host, the device goes back to the last good one in the same way. A power cut meanwhile
  decides nothing; a file edited by hand is not on trial.
- The history keeps the last 200 changes: who, when, which fields, before and after. A change can be undone; of the last
  20 since the start also the secrets come back.
- Export is one TOML file with ten asterisks where a secret is set; import checks all of such a file (256 KiB at most)
  before anything changes, and keeps the secrets of the device where the asterisks stand.
- Secrets are in clear in these files only, which their owner alone can read.

At the command line:

| command | does |
| --- | --- |
| `webmanager settings check --data DIR` | says what is wrong with the file, a line each; exit code 2 if anything is |
| `webmanager settings show --data DIR` | prints the configuration the next start runs on, secrets hidden |
| `webmanager settings factory-reset --data DIR` | the defaults, with the device stopped; the old file is kept aside |

*range* holds for numbers; lists and texts have a length. What a network address or a pattern must look like is told
with the mistake."""


def settings_page() -> str:
    """The whole page."""
    parts = [MARK, "# Settings", _RULES]
    for name, field in Settings.model_fields.items():
        for model in models_in(field.annotation):
            parts.append(f"## `[{name}]`")
            parts += _section(model, name)
    return "\n\n".join(parts) + "\n"


def _section(model: type[BaseModel], path: str) -> Iterator[str]:
    if said := help_of(model):
        yield said
    yield _table(model, path)
    for name, field in model.model_fields.items():
        models = [part for part in models_in(field.annotation) if issubclass(part, BaseModel)]
        for part in models:
            is_row = shape_of(field).kind is Kind.ROWS
            tag = f", type `{_tag(part)}`" if _tag(part) else ""
            yield f"### `{'[[' if is_row else '['}{path}.{name}{']]' if is_row else ']'}`{tag}"
            yield from _section(part, f"{path}.{name}")


def _table(model: type[BaseModel], path: str) -> str:
    lines = ["| key | default | range | meaning |", "| --- | --- | --- | --- |"]
    for name, field in model.model_fields.items():
        if not list(models_in(field.annotation)):
            restart = " *restart*" if needs_restart(Settings, f"{path}.{name}") else ""
            meaning = (field.description or "").replace("|", "\\|")
            lines.append(f"| `{name}` | {_default(field)} | {_range(name, field)} | {meaning}{restart} |")
    return "\n".join(lines)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True)
    if hasattr(value, "get_secret_value"):
        return "empty" if not value.get_secret_value() else "set"
    if value is None or value in ("", (), {}):
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    return (
        f"{value:g}"
        if isinstance(value, float)
        else ", ".join(map(str, value))
        if isinstance(value, tuple)
        else str(value)
    )


def _range(name: str, field: FieldInfo) -> str:
    shape = shape_of(field)
    if shape.options:
        return ", ".join(map(str, shape.options))
    unit = f" {unit_of(name, field)}" if unit_of(name, field) else ""
    bounds = [limit_of(field, key) for key in ("ge", "le")]
    if shape.kind in {Kind.WHOLE, Kind.NUMBER} and None not in bounds:
        return f"{bounds[0]:g} to {bounds[1]:g}{unit}".replace("e+0", "e")
    longest = limit_of(field, "max_length")
    if longest is not None:
        return f"at most {longest:g}{' lines' if shape.kind is Kind.LINES else ' characters'}"
    return unit.strip()


def _tag(model: type[BaseModel]) -> str:
    field = model.model_fields.get("type")
    return str(field.default) if field is not None and isinstance(field.default, str) else ""
