"""Finds the vendor, the model and the key for what a client calls the underlying model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pydantic import SecretStr

from abm_quant.errors import BadRequest, MissingKey
from abm_quant.llm.catalogue import EFFORTS, MODELS, OFFLINE, VENDORS, Vendor

MAX_NAME = 200
"""Characters of a model name; what is longer is no name."""


@dataclass(frozen=True, kw_only=True)
class RouteRequest:
    """What a client asked for, and what is there to serve it."""

    underlying_model: object = None
    """Whatever the client sent; None, "", 0 and false mean "not given"."""
    keys: Mapping[str, SecretStr] = field(default_factory=dict)
    """By vendor: the request's keys over the server's."""
    default_model: str | None = None
    """The server's own choice for requests that name no model."""
    vendors: Mapping[str, Vendor] = field(default_factory=lambda: VENDORS)
    """By name: the catalogue's and those of the server's settings."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """The language model that will be asked, or the offline author."""

    vendor: str
    model: str
    effort: str | None = None
    notices: tuple[str, ...] = ()
    """Sentences for the user, such as that a retired model was replaced."""
    key: SecretStr | None = field(default=None, repr=False)


def route(request: RouteRequest, *, today: date | None = None) -> Route:
    """Give the way to the model that the request names, or to the default.

    Raises MissingKey when the model's vendor needs a key and there is none, BadRequest when the
    name belongs to no vendor. `today` decides which models are retired.
    """
    name = _given_name(request.underlying_model) or default_name(request)
    if name.lower() == OFFLINE:
        return Route(vendor=OFFLINE, model=OFFLINE)
    wanted, effort = _split_effort(name)
    vendor, model = _find_vendor(wanted, request.vendors)
    model, notices = _replace_retired(model, vendor, today or date.today())
    effort, effort_notices = _accept_effort(model, effort)
    return Route(
        vendor=vendor.name,
        model=model,
        effort=effort,
        notices=notices + effort_notices,
        key=_key_for(vendor, request.keys),
    )


def default_name(request: RouteRequest) -> str:
    """Give the name that is used when a request names no model.

    The server's default, else the default model of the first vendor with a key, else `offline`.
    """
    if request.default_model and request.default_model.strip():
        return request.default_model.strip()
    for vendor in request.vendors.values():
        if vendor.default_model and _has_key(vendor, request.keys):
            return vendor.default_model
    return OFFLINE


def _given_name(underlying_model: object) -> str:
    """Give the name as text, empty when none was given."""
    if underlying_model is None or underlying_model is False:
        return ""
    if isinstance(underlying_model, (dict, list, tuple, set, bytes)):
        raise BadRequest(
            "underlyingModel must be the name of a model, as text; "
            f"this is a {type(underlying_model).__name__}. {_possible()}"
        )
    if isinstance(underlying_model, (int, float)) and underlying_model == 0:
        return ""
    name = " ".join(str(underlying_model).split())
    if len(name) > MAX_NAME:
        raise BadRequest(f"underlyingModel is {len(name)} characters long. {_possible()}")
    return name


def _split_effort(name: str) -> tuple[str, str | None]:
    """Give the name without a trailing effort word, and that word."""
    head, _, tail = name.rpartition(" ")
    if head and tail.lower() in EFFORTS:
        return head, tail.lower()
    return name, None


def _find_vendor(name: str, vendors: Mapping[str, Vendor]) -> tuple[Vendor, str]:
    """Give the vendor of a model name and the name without a vendor's prefix."""
    lowered = name.lower()
    if lowered in MODELS:
        return vendors[MODELS[lowered].vendor], lowered
    prefix, colon, rest = name.partition(":")
    for vendor in vendors.values():
        if colon and rest.strip() and prefix.strip().lower() in vendor.prefixes:
            return vendor, rest.strip()
    for vendor in vendors.values():
        if vendor.pattern and re.match(vendor.pattern, lowered):
            return vendor, name
    if "/" in name.strip("/"):
        return vendors["openrouter"], name
    raise BadRequest(f"No vendor is known for the underlying model {name!r}. {_possible(vendors)}")


def _replace_retired(model: str, vendor: Vendor, today: date) -> tuple[str, tuple[str, ...]]:
    """Give the model that serves in place of this one, with a sentence when it changes."""
    known = MODELS.get(model.lower())
    if known is None or known.vendor != vendor.name or known.replaced_by is None:
        return (known.id if known else model), ()
    if known.is_retired(today):
        return known.replaced_by, (
            f"{vendor.label} no longer serves {known.id}; {known.replaced_by} was used instead.",
        )
    return known.id, (
        f"{vendor.label} withdraws {known.id} on {known.retired_on}; "
        f"{known.replaced_by} takes its place.",
    )


def _accept_effort(model: str, effort: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Give the effort if the model takes it, else a sentence that says which it takes."""
    known = MODELS.get(model)
    if effort is None or known is None or effort in known.effort_levels:
        return effort, ()
    takes = f"takes {', '.join(known.effort_levels)}" if known.effort_levels else "takes none"
    return None, (f"The effort {effort!r} was left out: {known.id} {takes}.",)


def _has_key(vendor: Vendor, keys: Mapping[str, SecretStr]) -> bool:
    key = keys.get(vendor.name)
    return key is not None and bool(key.get_secret_value().strip())


def _key_for(vendor: Vendor, keys: Mapping[str, SecretStr]) -> SecretStr | None:
    """Give the vendor's key; raises MissingKey when the vendor needs one."""
    if _has_key(vendor, keys):
        return keys[vendor.name]
    if vendor.a_key is None and vendor.key_variable is None:
        return None
    if vendor.a_key is None:
        raise MissingKey(
            f"To use {vendor.label}, whoever runs the service must set {vendor.key_variable}"
        )
    raise MissingKey(f"To access this service you need to send {vendor.a_key}")


def _possible(known: Mapping[str, Vendor] = VENDORS) -> str:
    """Give the sentence that says what can be named."""
    vendors = [f"{v.label} ({v.default_model}, ...)" for v in known.values() if v.default_model]
    prefixes = ", ".join(f"{v.prefixes[0]}:" for v in known.values() if v.prefixes)
    return (
        f"Possible are {', '.join(vendors)}, any model behind one of the prefixes {prefixes} "
        f"and {OFFLINE!r}, which needs no key."
    )
