import pytest

from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import BlockType, Installation
from webmanager.room.scenario import Step, built_in, fault_requests, parse, read

TWO_STEPS = """
title = "Two steps"
text = "First one, then the other."
lasts_s = 100

[[step]]
at_s = 60
mains = true
repair = "short"

[[step]]
at_s = 0
mains = false
load_w = 500
ambient_c = -5
over_s = 30
fault = { kind = "soft_short", address = 3, name = "short" }
"""


def test_steps_are_in_the_order_of_time():
    scenario = parse("two", TWO_STEPS)
    assert (scenario.name, scenario.title, scenario.lasts_s) == ("two", "Two steps", 100.0)
    assert scenario.steps == (
        Step(0.0, False, 500.0, None, -5.0, 30.0, {"kind": "soft_short", "address": 3, "name": "short"}),
        Step(60.0, True, repair="short"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[step", "not TOML"),
        ("lasts_s = 1", r"at least one \[\[step\]\]"),
        ("lasts_s = 1\ncolour = 2", "colour is not known: title, text, lasts_s, step"),
        ("[[step]]\nat_s = 0", "lasts_s = None: a number from 0"),
        ("lasts_s = 5\n[[step]]\nat_s = 6", "not be before the last step at 6 s"),
        ("lasts_s = 5\n[[step]]\nat_s = -1", "step 1: at_s = -1: a number from 0"),
        ("lasts_s = 5\n[[step]]\nmains = true", "step 1: at_s = None"),
        ("lasts_s = 5\n[[step]]\nat_s = 0\nmains = 1", "mains = 1: true or false"),
        ("lasts_s = 5\n[[step]]\nat_s = 0\nmain = true", "main is not known: at_s, mains"),
        ("lasts_s = 5\n[[step]]\nat_s = 0\nload_w = 'x'", "load_w = 'x': a number"),
        ("lasts_s = 5\n[[step]]\nat_s = 0\nambient_c = -30", "a number from -20"),
        ("lasts_s = 5\n[[step]]\nat_s = 0\nfault = 'x'", "fault needs at least a kind"),
        ("lasts_s = 5\n[[step]]\nat_s = 0\nrepair = 3", "the name of a fault"),
        ("lasts_s = 5\nstep = [3]", "step 1: a table"),
    ],
)
def test_errors_are_one_line_with_key_and_what_is_allowed(text, said):
    with pytest.raises(ConfigError, match=said) as caught:
        parse("bad", text)
    assert str(caught.value).startswith("scenario bad")
    assert "\n" not in str(caught.value)


def test_from_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TWO_STEPS, encoding="utf-8")
    assert read(path).name == "mine"
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "none.toml")


def test_built_in_scenarios_have_a_title_and_a_sentence():
    scenarios = built_in()
    assert {"monthly_discharge_test", "mains_failure", "summer_without_cooling", "broken_bus_cable"} <= set(scenarios)
    assert "thermal_runaway_string_3" in scenarios
    for name, scenario in scenarios.items():
        assert scenario.name == name
        assert scenario.title != name
        assert scenario.text.endswith(".")


def test_targets_by_string():
    installation = Installation(8, 2, BlockType())
    each = fault_requests({"kind": "dry_out", "each_of_string": 2, "name": "x", "value": 1}, installation)
    assert each == [{"kind": "dry_out", "value": 1, "address": address} for address in (5, 6, 7, 8)]
    (middle,) = fault_requests({"kind": "bus_break", "middle_of_string": 2}, installation)
    assert middle == {"kind": "bus_break", "address": 6}
    (plain,) = fault_requests({"kind": "charger_off"}, installation)
    assert plain == {"kind": "charger_off"}
    with pytest.raises(ConfigError, match="string 3 is not there: 1 to 2"):
        fault_requests({"kind": "dry_out", "each_of_string": 3}, installation)
