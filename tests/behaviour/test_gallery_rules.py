"""Rule by rule: a few agents placed by hand, one action, the exact state after it, also at borders.

Statistics of whole runs do not notice a `>=` where a `>` should be; these tests do.
"""

from typing import Any

import pytest

from gallery_runs import play
from generated_runs import Run

JUST_BELOW, HALF = 0.499999, 0.5


def drawing(run: Run, value: float) -> None:
    """Let every random number be this one."""
    run.model.random.random = lambda: value


def ring(name: str, **parameters: Any) -> tuple[Run, list[Any]]:
    """Give a model whose agents stand on a ring, and the agents in the order of the ring."""
    run = play(name, 1, 0, average_degree=2, rewiring_probability=0, **parameters)
    kind = {"sir-network": "Person", "innovation-diffusion": "Consumer"}[name]
    return run, sorted(run.of_type(kind), key=lambda agent: agent.cell.coordinate)


def board(run: Run, kind: str) -> dict[tuple[int, int], Any]:
    """Give the agents of a full grid by their place."""
    return {agent.cell.coordinate: agent for agent in run.of_type(kind)}


@pytest.mark.parametrize(("owned", "given"), [(0, 0), (1, 1), (2, 1)])
def test_wealth_one_coin_is_given_by_who_has_one(owned: int, given: int) -> None:
    run = play("boltzmann-wealth", 1, 0, population=2)
    giver, receiver = run.of_type("Person")
    giver.wealth, receiver.wealth = owned, 5
    run.model.random.choice = lambda people: receiver
    giver.give_coin()
    assert (giver.wealth, receiver.wealth) == (owned - given, 5 + given)


@pytest.mark.parametrize(
    ("difference", "after"),
    [(0.125, (0.53125, 0.59375)), (0.25, (0.5, 0.75)), (0.375, (0.5, 0.875))],
)
def test_opinions_meet_only_below_the_bound(difference: float, after: tuple[float, float]) -> None:
    run = play("bounded-confidence", 1, 0, confidence_bound=0.25, convergence_rate=0.25)
    one, other = run.of_type("Person")[:2]
    one.opinion, other.opinion = 0.5, 0.5 + difference
    run.model.random.choice = lambda people: other
    one.discuss()
    assert (one.opinion, other.opinion) == after


@pytest.mark.parametrize(("drawn", "caught"), [(JUST_BELOW, "burning"), (HALF, "fine")])
def test_fire_jumps_to_the_four_sides_and_burns_one_step(drawn: float, caught: str) -> None:
    run = play("forest-fire", 1, 0, width=5, height=5, density=1, spread_probability=0.5)
    trees = board(run, "Tree")
    for tree in trees.values():
        tree.state = "fine"
    trees[2, 2].state = "burning"
    drawing(run, drawn)
    run.step()
    sides = [(1, 2), (3, 2), (2, 1), (2, 3)]
    assert [trees[place].state for place in sides] == [caught] * 4
    assert trees[2, 2].state == "burned"
    others = [tree for place, tree in trees.items() if place not in [*sides, (2, 2)]]
    assert {tree.state for tree in others} == {"fine"}


def test_fire_leaves_what_is_burned() -> None:
    run = play("forest-fire", 1, 0, width=3, height=1, density=1)
    trees = board(run, "Tree")
    for x, state in enumerate(("burned", "burning", "burned")):
        trees[x, 0].state = state
    run.step()
    assert [trees[x, 0].state for x in range(3)] == ["burned"] * 3
    assert run.stop_reason == "globalVariable.burning_count"


@pytest.mark.parametrize(
    ("adopters", "drawn", "adopts"),
    [(0, 0.249, True), (0, 0.25, False), (1, JUST_BELOW, True), (1, HALF, False), (2, 0.749, True)],
)
def test_adoption_needs_a_draw_below_both_influences(
    adopters: int, drawn: float, adopts: bool
) -> None:
    run, people = ring(
        "innovation-diffusion", population=6, innovation_rate=0.25, imitation_rate=0.5
    )
    for neighbor in (people[1], people[5])[:adopters]:
        neighbor.has_adopted = True
    drawing(run, drawn)
    people[0].consider()
    assert people[0].is_convinced is adopts
    assert people[0].has_adopted is False
    people[0].adopt()
    assert people[0].has_adopted is adopts


def test_adoption_of_a_month_is_seen_in_the_next() -> None:
    run, people = ring("innovation-diffusion", population=6, innovation_rate=0, imitation_rate=1)
    people[0].has_adopted = True
    drawing(run, 0.499)
    run.step()
    assert [person.has_adopted for person in people] == [True, True, False, False, False, True]
    assert run["new_adopters"][-1] == 3 and run["adopter_count"][-1] == 3


@pytest.mark.parametrize(
    ("speed", "gap", "drawn", "after"),
    [
        (0, 0, 0.9, 0),
        (0, 1, 0.9, 1),
        (2, 1, 0.9, 1),
        (2, 3, 0.9, 3),
        (5, 9, 0.9, 5),
        (4, 9, 0.9, 5),
        (2, 3, JUST_BELOW, 2),
        (2, 3, HALF, 3),
        (0, 0, JUST_BELOW, 0),
    ],
)
def test_traffic_speed_is_bounded_by_gap_limit_and_chance(
    speed: int, gap: int, drawn: float, after: int
) -> None:
    run = play("nagel-schreckenberg", 1, 0, road_length=20, car_count=2, slowdown_probability=0.5)
    car, ahead = run.of_type("Car")
    car.site, ahead.site, car.speed = 18, (18 + gap + 1) % 20, speed
    drawing(run, drawn)
    car.choose_speed()
    assert car.speed == after
    car.drive()
    assert car.site == (18 + after) % 20 and car.cell.coordinate == (car.site, 0)


def field(**parameters: Any) -> Run:
    """Give a field without grass and animals of 5 by 5 cells."""
    animals = {"initial_sheep_count": 0, "initial_wolf_count": 0, "grass_regrowth_time": 9}
    run = play("predator-prey", 1, 0, width=5, height=5, **(animals | parameters))
    run.model.grass_wait[:] = 5
    return run


@pytest.mark.parametrize(("wait", "energy", "left"), [(0, 7, 9), (1, 1, 1)])
def test_sheep_eat_grown_grass_only(wait: int, energy: int, left: int) -> None:
    run = field(sheep_gain_from_food=6)
    sheep = run.module.Sheep(run.model, cell=run.model.grid[2, 2], energy=1)
    run.model.grass_wait[2, 2] = wait
    sheep.eat_grass()
    assert (sheep.energy, run.model.grass_wait[2, 2]) == (energy, left)


@pytest.mark.parametrize(
    ("kind", "energy", "lives"),
    [("Sheep", 0, True), ("Wolf", 0, True), ("Sheep", -1, False), ("Wolf", -1, False)],
)
def test_animals_die_below_no_energy(kind: str, energy: int, lives: bool) -> None:
    run = field()
    animal = getattr(run.module, kind)(run.model, cell=run.model.grid[0, 0], energy=energy)
    animal.starve()
    assert run.of_type(kind) == ([animal] if lives else [])


@pytest.mark.parametrize(("prey", "left", "energy"), [(0, 0, 3), (1, 0, 28), (2, 1, 28)])
def test_a_wolf_eats_one_sheep_of_its_cell(prey: int, left: int, energy: int) -> None:
    run = field(wolf_gain_from_food=25)
    wolf = run.module.Wolf(run.model, cell=run.model.grid[1, 1], energy=3)
    far = run.module.Sheep(run.model, cell=run.model.grid[1, 2], energy=3)
    for _ in range(prey):
        run.module.Sheep(run.model, cell=run.model.grid[1, 1], energy=3)
    wolf.hunt()
    assert (len(run.of_type("Sheep")), wolf.energy) == (left + 1, energy)
    assert far in run.of_type("Sheep")


def test_a_newborn_sheep_waits_for_the_next_step() -> None:
    run = field(sheep_reproduction=1)
    run.module.Sheep(run.model, cell=run.model.grid[2, 2], energy=9)
    run.step()
    assert [sheep.energy for sheep in run.of_type("Sheep")] == [4, 4]
    assert (run.model.grass_wait == 4).all()


@pytest.mark.parametrize(
    ("friends", "cooperates", "payoff"),
    [(8, True, 9), (8, False, 16), (0, True, 1), (0, False, 0), (3, False, 6)],
)
def test_players_earn_from_each_cooperating_neighbor(
    friends: int, cooperates: bool, payoff: float
) -> None:
    run = play("prisoners-dilemma", 1, 0, width=5, height=5, temptation=2)
    players = board(run, "Player")
    for player in players.values():
        player.cooperates = False
    around = [(x, y) for x in (1, 2, 3) for y in (1, 2, 3) if (x, y) != (2, 2)]
    for place in around[:friends]:
        players[place].cooperates = True
    players[2, 2].cooperates = cooperates
    players[2, 2].play()
    assert players[2, 2].payoff == payoff


@pytest.mark.parametrize(("best", "switches"), [(6, True), (5, False), (4, False)])
def test_players_copy_only_who_earned_more(best: int, switches: bool) -> None:
    run = play("prisoners-dilemma", 1, 0, width=5, height=5)
    players = board(run, "Player")
    for player in players.values():
        player.payoff, player.cooperates = 0, True
    players[2, 2].payoff = 5
    players[1, 1].payoff, players[1, 1].cooperates = best, False
    players[2, 2].choose_strategy()
    assert players[2, 2].cooperates is True
    players[2, 2].adopt_strategy()
    assert players[2, 2].cooperates is not switches


@pytest.mark.parametrize(
    ("alike", "unlike", "share", "is_happy"),
    [(1, 1, 0.5, True), (2, 1, 2 / 3, True), (1, 2, 1 / 3, False), (0, 0, None, True)],
)
def test_households_stay_at_the_wanted_share(
    alike: int, unlike: int, share: float | None, is_happy: bool
) -> None:
    run = play(
        "schelling-segregation", 1, 0, width=6, height=6, density=1 / 9, wanted_similarity=0.5
    )
    home, *others = run.of_type("Household")
    for household in run.of_type("Household"):
        household.cell = None
    home.group, home.cell = "majority", run.model.grid[1, 1]
    places = [(0, 0), (1, 0), (2, 0)] if alike + unlike else [(4, 4), (4, 3), (3, 4)]
    for other, place in zip(others, places, strict=True):
        other.cell, other.group = run.model.grid[place], "minority"
    for other in others[:alike]:
        other.group = "majority"
    if alike + unlike == 2:
        others[2].cell = run.model.grid[4, 4]
    home.judge_neighborhood()
    assert (home.similar_share, home.is_happy) == (share, is_happy)
    home.move_if_unhappy()
    assert (home.cell.coordinate == (1, 1)) is is_happy


@pytest.mark.parametrize(("drawn", "ill"), [(JUST_BELOW, "infected"), (HALF, "susceptible")])
def test_infection_reaches_the_contacts_of_today_only(drawn: float, ill: str) -> None:
    run, people = ring(
        "sir-network",
        population=6,
        infection_probability=0.5,
        recovery_probability=0,
        initial_infected=0,
    )
    people[0].state = people[0].next_state = "infected"
    people[5].state = people[5].next_state = "recovered"
    drawing(run, drawn)
    run.step()
    states = [person.state for person in people]
    assert states == ["infected", ill, *["susceptible"] * 3, "recovered"]


@pytest.mark.parametrize(("drawn", "after"), [(JUST_BELOW, "recovered"), (HALF, "infected")])
def test_recovery_needs_a_draw_below_its_probability(drawn: float, after: str) -> None:
    run, people = ring(
        "sir-network",
        population=6,
        infection_probability=0,
        recovery_probability=0.5,
        initial_infected=0,
    )
    people[0].state = people[0].next_state = "infected"
    drawing(run, drawn)
    run.step()
    assert [person.state for person in people] == [after, *["susceptible"] * 5]


def landscape(sugar: dict[tuple[int, int], int]) -> tuple[Run, Any]:
    """Give a bare landscape with some sugar, and a forager in its middle."""
    run = play("sugarscape", 1, 0, width=9, height=9, initial_forager_count=1, growth_rate=0)
    for column in run.model.sugar:
        column[:] = [0] * 9
    for (x, y), amount in sugar.items():
        run.model.sugar[x][y] = amount
    (forager,) = run.of_type("Forager")
    forager.cell, forager.vision, forager.sugar = run.model.grid[4, 4], 2, 5
    return run, forager


@pytest.mark.parametrize(
    ("sugar", "place"),
    [
        ({(6, 4): 1}, (6, 4)),
        ({(7, 4): 9}, (4, 4)),
        ({(5, 5): 9}, (4, 4)),
        ({(6, 4): 2, (4, 5): 2}, (4, 5)),
        ({(6, 4): 3, (4, 5): 2}, (6, 4)),
        ({(4, 4): 2, (4, 5): 2}, (4, 4)),
    ],
)
def test_foragers_take_the_best_then_the_nearest_in_sight(
    sugar: dict[tuple[int, int], int], place: tuple[int, int]
) -> None:
    _, forager = landscape(sugar)
    forager.move()
    assert forager.cell.coordinate == place


def test_foragers_leave_taken_cells_and_eat_up_their_own() -> None:
    run, forager = landscape({(5, 4): 4, (4, 3): 1})
    other = run.module.Forager(run.model, cell=run.model.grid[5, 4])
    forager.move()
    forager.gather()
    assert forager.cell.coordinate == (4, 3) and other.cell.coordinate == (5, 4)
    assert (forager.sugar, run.model.sugar[4][3], run.model.sugar[5][4]) == (6, 0, 4)


@pytest.mark.parametrize(("sugar", "lives"), [(2, False), (3, False), (4, True)])
def test_foragers_die_with_their_last_sugar(sugar: int, lives: bool) -> None:
    run, forager = landscape({})
    forager.sugar, forager.metabolism = sugar, 3
    forager.eat()
    assert bool(run.of_type("Forager")) is lives


@pytest.mark.parametrize(("before", "after"), [(0, 2), (2, 3), (3, 3)])
def test_sugar_grows_up_to_its_capacity(before: int, after: int) -> None:
    run, _ = landscape({})
    run.model.growth_rate = 2
    run.model.capacity[1][1], run.model.sugar[1][1] = 3, before
    run.model.grow_sugar()
    assert run.model.sugar[1][1] == after
