"""Samples of agents: bounded, spread evenly, and the same agents through time."""

from abm_quant.running.inside.sampling import Samples, mark


def chosen(samples: Samples, ids: list[int]) -> list[int]:
    places = samples.choose("Wolf", ids)
    return ids if places is None else [ids[place] for place in places]


def test_all_are_chosen_where_there_are_few() -> None:
    assert Samples(3).choose("Wolf", [4, 5, 6]) is None


def test_never_more_than_the_most_are_chosen_and_they_stay_the_same() -> None:
    samples = Samples(100)
    first = chosen(samples, list(range(1, 1_001)))
    assert len(first) == 100
    assert chosen(samples, list(range(1, 1_001))) == first
    survivors = list(range(300, 1_001))
    assert chosen(samples, survivors) == [each for each in first if each >= 300]


def test_who_is_in_a_sample_was_in_all_samples_since_birth() -> None:
    samples = Samples(50)
    before: set[int] = set()
    for size in (100, 400, 900, 500, 2_000):
        now = set(chosen(samples, list(range(size))))
        assert len(now) <= 50
        born_before = {each for each in now if each < 100}
        assert born_before <= before or not before
        before = now


def test_a_sample_is_spread_over_those_born_early_and_late() -> None:
    sample = chosen(Samples(100), list(range(10_000)))
    quarters = [sum(1 for each in sample if each // 2_500 == quarter) for quarter in range(4)]
    assert min(quarters) >= 20


def test_each_type_has_its_own_sample_and_any_id_a_mark() -> None:
    samples = Samples(2)
    assert len(samples.choose("Wolf", [1, 2, 3]) or []) == 2
    assert samples.choose("Sheep", [1, 2]) is None
    assert len(samples.choose("Bee", ["a", "b", "c"]) or []) == 2
    assert 0 <= mark("a") < 2**32 and 0 <= mark(-7) < 2**32 and 0 <= mark(10**30) < 2**32
