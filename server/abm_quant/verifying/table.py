"""The checks, in the order in which they are made: the quick and important ones first."""

from abm_quant.verifying.activation import order, scaling
from abm_quant.verifying.balance import accounting, conservation
from abm_quant.verifying.basics import copied, hidden_order, other_seed, runs, same_seed, start
from abm_quant.verifying.finding import CheckKind
from abm_quant.verifying.liveness import liveness
from abm_quant.verifying.numbers import domain, finite
from abm_quant.verifying.parameters import declarations_used, extreme_values, sensitivity
from abm_quant.verifying.rates import rates
from abm_quant.verifying.rules import rules

CHECKS: dict[str, CheckKind] = {
    "declarations": CheckKind("Is every parameter and variable read?", declarations_used),
    "runs": CheckKind("Is it imported, set up and stepped?", runs),
    "start": CheckKind("Are as many agents there at step 0 as stated?", start),
    "same-seed": CheckKind("Does the same seed give the same results?", same_seed),
    "liveness": CheckKind("Does anything happen?", liveness),
    "rules": CheckKind("Do stop rules hold at the right time?", rules),
    "finite": CheckKind("Do numbers stay finite, and sizes within reason?", finite),
    "accounting": CheckKind("Do births, deaths and categories add up?", accounting),
    "conservation": CheckKind("Is constant what is said to be constant?", conservation),
    "domain": CheckKind("Are shares, counts and places in their range?", domain),
    "other-seed": CheckKind("Do other seeds give other results?", other_seed),
    "hidden-order": CheckKind("Are sets, hashes and global generators harmless?", hidden_order),
    "extremes": CheckKind("Does it run at extreme values?", extreme_values, is_quick=False),
    "rates": CheckKind("Does chance strike as often as stated?", rates, is_quick=False),
    "sensitivity": CheckKind("Does each number change something?", sensitivity, is_quick=False),
    "copy": CheckKind("Does a copy in mid-run go on in the same way?", copied, is_quick=False),
    "order": CheckKind("Does it matter in which order agents act?", order, is_quick=False),
    "scaling": CheckKind("How does the time grow with the agents?", scaling, is_quick=False),
}
"""By name."""

BEYOND = (
    "the sign and size of effects that the description states",
    "the shape of the curves, and limits that are known from theory",
    "symmetry of groups and of the space",
    "how much one rule matters: mutations and ablations",
    "agreement with a second implementation or with data",
)
"""What none of the checks looks at."""
