from webmanager.domain.errors import MixedRevisionsError


def test_mixed_revisions_are_named_one_by_one() -> None:
    error = MixedRevisionsError("1.4", {7: "1.3", 3: "2.2"})
    assert str(error) == "mixed hardware revisions: most modules have 1.4, but module 3 has 2.2, 7 has 1.3"


def test_many_odd_modules_are_counted_instead_of_listed() -> None:
    error = MixedRevisionsError("1.4", dict.fromkeys(range(1, 21), "1.3"))
    assert str(error).endswith("8 has 1.3 and 12 more")
    assert len(error.odd) == 20
