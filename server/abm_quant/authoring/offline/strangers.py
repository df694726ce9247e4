"""Well-known models that the gallery does not hold.

The search index knows them so that a prompt which means one of them is answered with its name, and
not with the gallery model that happens to share most words. A row goes when the gallery gets the
model.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stranger:
    """A model that people ask for and that is not there."""

    title: str
    words: str
    """Words in which people ask for it, besides those of the title."""


STRANGERS: tuple[Stranger, ...] = (
    Stranger("Abelian sandpile", "sand pile grains topple avalanche self-organized criticality"),
    Stranger("Game of life", "conway alive dead cells glider"),
    Stranger("Elementary cellular automaton", "wolfram rule 30 rule 110 one-dimensional automata"),
    Stranger("Genetic drift", "alleles haploid wright-fisher 遗传漂变 等位基因 genes moran"),
    Stranger(
        "Natural selection", "evolution of traits mutation fitness offspring inheritance genes"
    ),
    Stranger("Evacuation", "exit door room panic crowd escape building stadium social force"),
    Stranger("Pedestrian dynamics", "pedestrians crossing plaza walking lanes corridor crowd"),
    Stranger("Hotelling's law", "shops stores on a line location price competition beach"),
    Stranger("Labor market", "workers jobs firms unemployment wages lavoro imprese disoccupati"),
    Stranger("Ethnocentrism", "hammond axelrod immigrants tags helping in-group"),
    Stranger("Hegselmann-Krause opinions", "hegselmann krause averaging promedio average of all"),
    Stranger("Voter model", "voters copy neighbor opinion lattice election vote majority rule"),
    Stranger("Culture dissemination", "axelrod culture features traits cultural"),
    Stranger("Rumor spreading", "rumour gossip spreaders stiflers fake news misinformation"),
    Stranger("Language competition", "languages speakers bilingual tongues"),
    Stranger("Flocking", "boids birds flock alignment cohesion separation swarm fish school"),
    Stranger("Ant foraging", "ants pheromone trail nest food colony ameisen hormigas fourmis"),
    Stranger("Honeybee nest choice", "bees hive waggle dance bee colony"),
    Stranger("Termites", "wood chips piles"),
    Stranger("Slime mold", "aggregation chemotaxis amoeba dictyostelium"),
    Stranger("Fireflies", "synchronize flashing oscillators kuramoto synchronization"),
    Stranger("Ising model", "magnetism spins ferromagnet temperature metropolis"),
    Stranger("Diffusion-limited aggregation", "particles stick cluster dendrite dla fractal"),
    Stranger("Random walk", "brownian motion particles walkers diffusing gas molecules"),
    Stranger("El Farol bar", "bar attendance thursday crowded arthur"),
    Stranger("Minority game", "side minority memory strategies bar"),
    Stranger(
        "Stock market", "stocks shares chartists fundamentalists bourse börse bolsa asset price"
    ),
    Stranger("Auction", "bidders bids bidding double auction sealed"),
    Stranger("Housing market", "mortgages interest rates rent landlords house prices buyers"),
    Stranger(
        "Bank runs and systemic risk", "banks interbank defaults deposit loans liquidity bank"
    ),
    Stranger("Bank reserves", "loans savings reserve requirement credit"),
    Stranger("Supply chain", "beer game inventory orders factory retailer wholesaler logistics"),
    Stranger("Tax evasion", "audits taxpayers taxes fines compliance"),
    Stranger("Civil violence", "epstein rebellion rebels cops jail grievance riot protest"),
    Stranger(
        "Tragedy of the commons", "common-pool fishery fishermen lake overfishing harvest cows"
    ),
    Stranger(
        "Public goods game", "contributions free riders punishment ultimatum dictator stag hunt"
    ),
    Stranger("Queue", "queues cashiers servers waiting customers line supermarket service desk"),
    Stranger(
        "Hospital", "patients nurses doctors emergency beds clinic pacientes krankenhaus hôpital"
    ),
    Stranger("Elevators", "elevator lift floors passengers building"),
    Stranger("Public transport", "buses bus passengers train railway taxi airport flights"),
    Stranger("Crossroads with traffic lights", "intersection traffic lights signals grid streets"),
    Stranger(
        "Electricity grid", "power grid cascading failures blackout generators charging stations"
    ),
    Stranger("Energy technology choice", "solar panels rooftop photovoltaic heat pumps insulation"),
    Stranger("Land use change", "farmers crops parcels deforestation sprawl land use"),
    Stranger("Bacteria growth", "bacteria petri dish colony antibiotic resistance"),
    Stranger("Tumor growth", "tumor tumour cancer cells immune"),
    Stranger("Malaria", "mosquitoes mosquito vector-borne dengue zika carriers"),
    Stranger("Rabies or zombies", "zombie zombies apocalypse humans bitten"),
    Stranger("Virus on a computer network", "malware computers antivirus computer worm"),
    Stranger("Ecosystem of daisies", "daisyworld daisies albedo gaia planet temperature"),
    Stranger("Robots", "warehouse robots drones parcels vacuum search rescue"),
    Stranger("Genetic algorithm", "traveling salesman optimization optimize crossover chromosome"),
    Stranger("Particle swarm", "particle swarm optimization best position"),
    Stranger("Neural network", "perceptron neurons layers digits learning weights backpropagation"),
    Stranger(
        "Preferential attachment",
        "network growth barabasi new nodes attach hubs degree distribution",
    ),
    Stranger("Team assembly", "teams collaboration scientists newcomers incumbents"),
    Stranger("Teaching and schools", "school classroom teachers pupils grades lottery choice"),
    Stranger("Crime", "burglary burglars police patrol criminals crime hot spots"),
    Stranger("War and conflict", "soldiers battles armies lanchester combat war"),
    Stranger("Migration", "migrants refugees migration routes countries cities"),
)
