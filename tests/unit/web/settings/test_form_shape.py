from typing import Annotated, Literal

import pytest
from pydantic import Field, SecretStr

from webmanager.settings.model import Settings
from webmanager.settings.section import Section
from webmanager.web.settings.form_shape import Kind, limit_of, shape_of, tag_of


class Inner(Section):
    """A part."""

    type: Literal["inner"] = "inner"


class Other(Section):
    """Another part."""

    type: Literal["other"] = "other"


class Everything(Section):
    """One field of each kind."""

    switch: bool = True
    choice: Literal["a", "b"] = "a"
    choices: tuple[Literal["a", "b"], ...] = ()
    whole: Annotated[int, Field(ge=1, le=9)] = 1
    number: float | None = Field(None, gt=0)
    text: str = ""
    long: str = Field("", max_length=500)
    lines: tuple[Annotated[str, Field(pattern="x")], ...] = ()
    secret: SecretStr = SecretStr("")
    section: Inner = Inner()
    rows: tuple[Annotated[Inner | Other, Field(discriminator="type")], ...] = ()
    other: dict[str, Inner] = Field({})


@pytest.mark.parametrize("name", Everything.model_fields)
def test_every_kind_is_told_from_its_annotation(name: str) -> None:
    assert shape_of(Everything.model_fields[name]).kind == name


def test_details_are_told_too() -> None:
    fields = Everything.model_fields
    assert shape_of(fields["number"]).is_optional
    assert not shape_of(fields["whole"]).is_optional
    assert shape_of(fields["rows"]).models == (Inner, Other)
    assert (limit_of(fields["whole"], "ge"), limit_of(fields["whole"], "le")) == (1.0, 9.0)
    assert (limit_of(fields["number"], "gt"), limit_of(fields["number"], "le")) == (0.0, None)
    assert (tag_of(Inner), tag_of(Everything)) == ("inner", "")


def test_no_section_of_the_settings_hides_a_field_but_the_table_of_limits() -> None:
    hidden = []
    for name, field in Settings.model_fields.items():
        model = field.annotation
        assert isinstance(model, type)
        hidden += [f"{name}.{key}" for key, part in model.model_fields.items() if shape_of(part).kind is Kind.OTHER]  # type: ignore[attr-defined]
    assert hidden == ["limits.kinds"]
