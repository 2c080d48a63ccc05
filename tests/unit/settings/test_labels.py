import pytest

from webmanager.settings.labels import help_of, label_of, labels_of, texts_of, title_of, unit_of
from webmanager.settings.model import InstallationSettings, ScanSettings, Settings
from webmanager.settings.snmp_model import CommunitySettings


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        ("retry_budget_ms", "Retry budget", "ms"),
        ("ri_interval_h", "Ri interval", "h"),
        ("lowest_v_cell", "Lowest", "V per cell"),
        ("http_port", "HTTP port", ""),
        ("ups_id", "UPS ID", ""),
        ("modules", "Modules", ""),
        ("capacity_ah", "Capacity", "Ah"),
    ],
)
def test_a_name_says_label_and_unit(name: str, label: str, unit: str) -> None:
    assert (label_of(name), unit_of(name)) == (label, unit)


def test_a_title_counts_more_than_the_name() -> None:
    assert label_of("http_port", Settings.model_fields["network"].annotation.model_fields["http_port"]) == "HTTP port"  # type: ignore[union-attr]


def test_sections_have_a_title_and_a_sentence_without_the_name_of_their_page() -> None:
    assert (title_of(InstallationSettings), help_of(ScanSettings)) == ("Installation", "How often is measured.")
    assert help_of(CommunitySettings).startswith("A community of versions")


def test_a_path_is_told_in_labels() -> None:
    assert labels_of(Settings, "scan.period_s") == ["Scan and internal resistance", "Scan period"]
    assert labels_of(Settings, "notify.receivers.0.port")[-1] == "Port"
    assert labels_of(Settings, "scan.strange.more") == ["Scan and internal resistance", "strange", "more"]


def test_every_field_of_the_settings_has_a_text() -> None:
    texts = set(texts_of(Settings))
    assert {"Retry budget", "Mail receiver", "sensor manager", "A scan of all modules starts this often."} <= texts
