"""Every gallery model, compiled and run: the fact that a correct run must show."""

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from statistics import fmean

import pytest

from abm_quant import resources
from gallery_runs import compiled
from gallery_runs import play as play_on
from generated_runs import TARGETS, Run

NAMES = sorted(path.stem for path in (resources.root("schemas") / "examples").glob("*.json"))
SEEDS = (1, 2, 3)

Play = Callable[..., Run]


@pytest.fixture(params=TARGETS)
def play(request: pytest.FixtureRequest) -> Play:
    """Runs a gallery model on one of the targets."""
    return partial(play_on, target=request.param)


every_seed = pytest.mark.parametrize("seed", SEEDS)


def rises(series: list[float]) -> bool:
    return all(before <= after for before, after in pairwise(series))


def falls(series: list[float]) -> bool:
    return all(before >= after for before, after in pairwise(series))


@pytest.mark.parametrize("name", NAMES)
def test_compiles_without_a_problem(name: str) -> None:
    assert [str(each) for each in compiled(name).problems] == []


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_run_and_other_seed_other_run(play: Play, name: str) -> None:
    def recorded(seed: int) -> object:
        run = play(name, seed, 3)
        return run.recorded

    assert recorded(5) == recorded(5)
    assert recorded(5) != recorded(6)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_the_literals_of_the_specification(name: str) -> None:
    made = compiled(name)
    variables = made.spec.global_variables or []
    named = {each.name for each in variables if isinstance(each.initial_value, int | float | str)}
    counts = {
        f"initial_{str(each.name).lower()}_count"
        for _, each in made.spec.agent_types()
        if isinstance(each.initial_count, int)
    }
    assert set(made.bundle.parameters) == named | counts


@every_seed
def test_sir_people_are_conserved_and_the_epidemic_ends(play: Play, seed: int) -> None:
    run = play("sir-network", seed, 300)
    susceptible, infected = run["susceptible_count"], run["infected_count"]
    recovered = run["recovered_count"]
    assert (susceptible[0], infected[0], recovered[0]) == (495, 5, 0)
    assert {sum(states) for states in zip(susceptible, infected, recovered, strict=True)} == {500}
    assert falls(susceptible) and rises(recovered)
    assert max(infected) > 50
    assert infected[-1] == 0
    assert run.stop_reason == "globalVariable.infected_count"
    assert run.tick == len(infected) - 1 < 300


@every_seed
def test_sir_without_infection_only_the_first_cases_fall_ill(play: Play, seed: int) -> None:
    run = play("sir-network", seed, 300, infection_probability=0, initial_infected=8)
    assert run["recovered_count"][-1] == 8


def test_sir_infection_passes_one_link_a_day(play: Play) -> None:
    run = play("sir-network", 1, 1, infection_probability=1, initial_infected=1)
    (index_case,) = [person for person in run.of_type("Person") if person.state != "susceptible"][
        :1
    ]
    ill = sum(person.state == "infected" for person in run.of_type("Person"))
    assert ill <= 1 + max(len(run.neighbors(person)) for person in run.of_type("Person"))
    assert run.place(index_case) is not None


@every_seed
def test_predators_follow_prey_and_grass_is_bounded(play: Play, seed: int) -> None:
    run = play("predator-prey", seed, 250)
    sheep, wolves, grass = run["Sheep.count"], run["Wolf.count"], run["grass_count"]
    assert (sheep[0], wolves[0]) == (100, 50)
    assert 1000 < grass[0] < 1600
    assert all(0 < cells < 2500 for cells in grass)
    assert min(sheep) > 0 and min(wolves) > 0
    peak = sheep.index(max(sheep[:150]))
    assert peak < wolves.index(max(wolves))
    assert max(sheep) > 1.8 * min(sheep[peak:])
    assert max(wolves) > 2.5 * min(wolves)
    assert min(run["Sheep.energy.min"]) >= 0


def test_predators_without_prey_starve(play: Play) -> None:
    run = play("predator-prey", 1, 500, initial_sheep_count=0)
    assert run["Sheep.count"] == [0, 0]
    assert run.stop_reason == "globalVariable.sheep_count"


def test_prey_without_grass_starves_and_without_wolves_it_thrives(play: Play) -> None:
    barren = play("predator-prey", 1, 60, sheep_gain_from_food=0, initial_wolf_count=0)
    assert barren["Sheep.count"][-1] == 0
    safe = play("predator-prey", 1, 100, initial_wolf_count=0)
    assert min(safe["Sheep.count"]) > 50
    assert safe["Wolf.energy.mean"] == [None] * 101


@every_seed
def test_schelling_segregation_rises_above_what_anybody_wants(play: Play, seed: int) -> None:
    run = play("schelling-segregation", seed, 100)
    index = run["segregation_index"]
    assert 0.45 < index[0] < 0.55
    assert index[-1] > 0.7
    assert run["unhappy_count"][-1] == 0
    assert run.stop_reason == "globalVariable.unhappy_count"
    assert set(run["Household.count"]) == {720}
    assert len({run.place(household) for household in run.of_type("Household")}) == 720


def test_schelling_nobody_moves_when_nobody_minds(play: Play) -> None:
    run = play("schelling-segregation", 1, 100, wanted_similarity=0)
    assert run["unhappy_count"] == [0, 0]
    assert run["segregation_index"][0] == run["segregation_index"][1]


def test_schelling_a_full_city_keeps_room_to_move(play: Play) -> None:
    run = play("schelling-segregation", 1, 3, density=1, width=10, height=10)
    assert set(run["Household.count"]) == {99}


@every_seed
def test_boltzmann_wealth_is_conserved_and_becomes_unequal(play: Play, seed: int) -> None:
    run = play("boltzmann-wealth", seed, 300)
    assert set(run["total_wealth"]) == {500}
    assert run["gini"][0] == 0
    assert run["gini"][20] > 0.4
    assert 0.58 < fmean(run["gini"][100:]) < 0.69
    assert 0.4 < fmean(run["share_without_money"][100:]) < 0.55
    wealth = [person.wealth for person in run.of_type("Person")]
    assert min(wealth) == 0 and sum(wealth) == 500
    assert wealth.count(0) / 500 == run["share_without_money"][-1]


def test_gini_of_known_distributions(play: Play) -> None:
    run = play("boltzmann-wealth", 1, 0, population=4)
    assert run.module.measure_gini(run.model) == 0
    for person, wealth in zip(run.of_type("Person"), (0, 0, 0, 4), strict=True):
        person.wealth = wealth
    assert run.module.measure_gini(run.model) == pytest.approx(0.75)


@every_seed
def test_fire_dies_out_below_the_threshold_and_crosses_above(play: Play, seed: int) -> None:
    sparse = play("forest-fire", seed, 1000, density=0.5, width=60, height=60)
    dense = play("forest-fire", seed, 1000, density=0.7, width=60, height=60)
    assert sparse["burned_share"][-1] < 0.3
    assert dense["burned_share"][-1] > 0.7
    for run, trees in ((sparse, 1800), (dense, 2520)):
        states = zip(run["fine_count"], run["burning_count"], run["burned_count"], strict=True)
        assert {sum(each) for each in states} == {trees} == set(run["Tree.count"])
        assert rises(run["burned_share"])
        assert run["burned_share"][0] == 0 < run["burning_count"][0] <= 60
        assert run.stop_reason == "globalVariable.burning_count"


def test_fire_advances_one_cell_a_step_and_takes_a_full_forest(play: Play) -> None:
    run = play("forest-fire", 1, 1000, density=1, width=20, height=10)
    assert run["burning_count"] == [10] * 20 + [0]
    assert run["burned_share"][-1] == 1


def test_fire_stays_where_it_is_when_it_cannot_spread(play: Play) -> None:
    run = play("forest-fire", 1, 1000, density=1, width=20, height=10, spread_probability=0)
    assert run["burned_count"] == [0, 10]


@every_seed
def test_adoption_follows_an_s_curve(play: Play, seed: int) -> None:
    run = play("innovation-diffusion", seed, 120)
    adopters, new = run["adopter_count"], run["new_adopters"]
    assert adopters[0] == 0 and adopters[-1] == 500
    assert rises(adopters)
    assert sum(new) == 500
    half = next(step for step, count in enumerate(adopters) if count >= 250)
    peak = new.index(max(new))
    assert 5 < peak < run.tick - 5
    assert max(new) > 2.5 * max(new[1:3])
    assert abs(half - peak) < 8
    assert run.stop_reason == "agent.Consumer.agentAttribute.has_adopted"


def test_without_word_of_mouth_adoption_slows_down_from_the_start(play: Play) -> None:
    run = play("innovation-diffusion", 1, 60, imitation_rate=0, innovation_rate=0.05)
    new = run["new_adopters"]
    assert sum(new[1:21]) > 1.5 * sum(new[21:41])


def test_without_innovators_nobody_begins(play: Play) -> None:
    assert play("innovation-diffusion", 1, 20, innovation_rate=0)["adopter_count"][-1] == 0


@every_seed
@pytest.mark.parametrize(("bound", "clusters"), [(0.5, 1), (0.2, 2)])
def test_opinions_keep_their_mean_and_form_clusters(
    play: Play, bound: float, clusters: int, seed: int
) -> None:
    run = play("bounded-confidence", seed, 60, confidence_bound=bound)
    means = run["mean_opinion"]
    assert max(means) - min(means) < 1e-9
    assert 0.45 < means[0] < 0.55
    assert 0.26 < run["opinion_spread"][0] < 0.31
    assert run["cluster_count"][-1] == clusters
    assert all(0 <= person.opinion <= 1 for person in run.of_type("Person"))


def test_opinions_stay_when_nobody_listens(play: Play) -> None:
    run = play("bounded-confidence", 1, 10, confidence_bound=0)
    assert run["opinion_spread"][0] == run["opinion_spread"][-1]


def no_collision(run: Run) -> bool:
    cars = run.of_type("Car")
    sites = {car.site for car in cars}
    on_their_cells = all(run.place(car) == (car.site, 0) for car in cars)
    return len(sites) == len(cars) and on_their_cells


@every_seed
def test_traffic_flows_when_thin_and_jams_when_dense(play: Play, seed: int) -> None:
    thin = play("nagel-schreckenberg", seed, 120, car_count=10)
    dense = play("nagel-schreckenberg", seed, 120, car_count=120)
    assert 4.4 < fmean(thin["mean_speed"][30:]) < 4.8
    assert fmean(dense["mean_speed"][30:]) < 1
    assert fmean(dense["stopped_count"][30:]) > 40
    for run, cars in ((thin, 10), (dense, 120)):
        assert no_collision(run)
        assert set(run["Car.count"]) == {cars}
        for flow, speed in zip(run["flow"], run["mean_speed"], strict=True):
            assert flow == pytest.approx(speed * cars / 200)


def test_traffic_never_collides_at_any_step(play: Play) -> None:
    run = play("nagel-schreckenberg", 4, 0, car_count=80)
    for _ in range(60):
        run.step()
        assert no_collision(run)


def test_traffic_without_dawdling_reaches_the_deterministic_speed(play: Play) -> None:
    free = play("nagel-schreckenberg", 1, 150, car_count=20, slowdown_probability=0)
    assert free["mean_speed"][-1] == 5
    full = play("nagel-schreckenberg", 1, 150, car_count=100, slowdown_probability=0)
    assert full["mean_speed"][-1] == 1


def test_traffic_refuses_more_cars_than_cells(play: Play) -> None:
    with pytest.raises(ValueError, match="more cars than cells"):
        play("nagel-schreckenberg", 1, 1, road_length=5, car_count=6)


@every_seed
def test_cooperators_persist_near_the_share_of_nowak_and_may(play: Play, seed: int) -> None:
    run = play("prisoners-dilemma", seed, 60)
    share = run["cooperator_share"]
    assert 0.87 < share[0] < 0.93
    assert fmean(share[20:]) == pytest.approx(12 * math.log(2) - 8, abs=0.03)
    assert set(run["Player.count"]) == {2500}


@every_seed
def test_cooperation_dies_out_when_defection_pays_too_well(play: Play, seed: int) -> None:
    tempted = play("prisoners-dilemma", seed, 15, temptation=2.3)
    assert tempted["cooperator_share"][-1] < 0.05
    lost = play("prisoners-dilemma", seed, 15, temptation=3.2)
    assert lost["cooperator_share"][-1] == 0
    assert lost.stop_reason == "globalVariable.cooperator_share"


def test_the_dilemma_without_defectors_ends_at_once(play: Play) -> None:
    run = play("prisoners-dilemma", 1, 50, initial_cooperator_share=1, width=20, height=20)
    assert run["cooperator_share"] == [1, 1]


@every_seed
def test_foragers_level_off_and_inequality_rises(play: Play, seed: int) -> None:
    run = play("sugarscape", seed, 120)
    population, gini = run["Forager.count"], run["gini"]
    assert population[0] == 400
    assert falls(population)
    assert 150 < population[-1] < 300
    assert population[60] - population[-1] < 0.1 * population[60]
    assert 0.18 < gini[0] < 0.28
    assert gini[-1] > gini[0] + 0.08
    assert run["Forager.metabolism.mean"][-1] < run["Forager.metabolism.mean"][0] - 0.5
    assert run["Forager.vision.mean"][-1] > run["Forager.vision.mean"][0]
    cells = {run.place(forager) for forager in run.of_type("Forager")}
    assert len(cells) == population[-1]
    for sugar, capacity in zip(run.model.sugar, run.model.capacity, strict=True):
        assert all(0 <= here <= most for here, most in zip(sugar, capacity, strict=True))


def test_foragers_die_when_nothing_grows(play: Play) -> None:
    run = play("sugarscape", 1, 200, growth_rate=0)
    assert run["Forager.count"][-1] < 0.3 * run["Forager.count"][0]
    assert rises([-sugar for sugar in run["standing_sugar"]])
