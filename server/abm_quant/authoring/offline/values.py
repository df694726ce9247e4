"""Fits a number of a prompt to what it sets, or says why it cannot be that."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from abm_quant.authoring.offline.matching import Pairing
from abm_quant.authoring.offline.numbers import Token
from abm_quant.authoring.offline.slots import Slot

LARGEST = 1e12
"""No parameter can be larger."""
SURE = 0.6
"""A pairing as near as this is meant: when the value is impossible, the user is told."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The outcome of fitting: a value, perhaps with a remark, or the reason of a refusal."""

    value: int | float | None = None
    remark: str = ""
    refusal: str = ""


def fit(pairing: Pairing, token: Token, populations: Mapping[str, float]) -> Fit:
    """Give the value that a number sets; `populations` holds how many agents there are.

    Neither a value nor a refusal means that the number does not belong to this slot.
    """
    slot = pairing.slot
    wanted, remark = _target(slot, token)
    if abs(wanted) > LARGEST:
        return _refuse(pairing, token, "that is too large")
    if slot.kind == "share":
        return _fit_share(pairing, token, wanted, remark)
    if token.is_percent and token.relation == "equals":
        return _fit_part(slot, token, populations)
    if slot.least is not None and wanted < slot.least:
        return _refuse(pairing, token, f"it must be at least {show(slot.least)}")
    if slot.kind in ("count", "whole"):
        return _fit_whole(pairing, token, wanted, remark)
    return Fit(value=plain(wanted), remark=remark)


def show(value: float) -> str:
    """Give a number as a person writes it."""
    return f"{plain(value):g}" if abs(value) < 1e6 else str(plain(value))


def plain(value: float) -> int | float:
    """Give whole values as integers."""
    return int(value) if math.isfinite(value) and value == int(value) else value


def _target(slot: Slot, token: Token) -> tuple[float, str]:
    """Give the wanted value, with a remark when it was reckoned from the present one."""
    if token.relation == "equals":
        return token.value, ""
    present = slot.value
    wanted = present * token.value if token.relation == "times" else present + token.value
    wanted = float(f"{wanted:.10g}")
    return wanted, f"from {show(present)}"


def _fit_share(pairing: Pairing, token: Token, wanted: float, remark: str) -> Fit:
    if 0 <= wanted <= 1:
        return Fit(value=plain(wanted), remark=remark)
    if token.relation == "equals" and 1 < wanted <= 100 and not token.is_percent:
        if pairing.is_assignment and pairing.cost <= SURE:
            return Fit(value=plain(wanted / 100), remark=f"{token.text} was read as a percentage")
        return Fit()
    return _refuse(pairing, token, "it must be between 0 and 1")


def _fit_part(slot: Slot, token: Token, populations: Mapping[str, float]) -> Fit:
    """Fit a percentage to a number of agents: a part of the only population, when it is one."""
    others = [count for name, count in populations.items() if name != slot.source_name]
    if slot.kind != "count" or slot.source_name in populations or len(others) != 1:
        return Fit()
    count = round(token.value * others[0])
    return Fit(value=count, remark=f"{token.text} of {show(others[0])}")


def _fit_whole(pairing: Pairing, token: Token, wanted: float, remark: str) -> Fit:
    if token.relation != "equals":
        wanted = float(round(wanted))
    thousands = token.text.replace(".", "")
    if token.text.count(".") and thousands.isdigit() and _is_grouped(token.text):
        wanted, remark = float(thousands), f"{token.text} was read as {thousands}"
    if wanted != int(wanted):
        return _refuse(pairing, token, "it must be a whole number")
    if pairing.slot.must_be_even and wanted % 2:
        return Fit(
            value=int(wanted) + 1,
            remark=f"{token.text} was raised to the next even number, as the network needs",
        )
    return Fit(value=int(wanted), remark=remark)


def _is_grouped(text: str) -> bool:
    """Tell whether dots separate groups of three digits, as in 1.000."""
    first, *groups = text.split(".")
    return 0 < len(first) <= 3 and first != "0" and all(len(each) == 3 for each in groups)


def _refuse(pairing: Pairing, token: Token, reason: str) -> Fit:
    """Refuse a value that was surely meant; a far one simply does not belong here."""
    if pairing.cost > SURE:
        return Fit()
    slot = pairing.slot
    return Fit(
        refusal=f"Did not set {slot.label} to {token.text}: {reason}. "
        f"It keeps {show(slot.value)}."
    )
