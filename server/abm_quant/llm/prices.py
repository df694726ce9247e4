"""What a language model's work costs, by the published prices in genai-prices."""

from dataclasses import replace

from genai_prices import Usage as PricedUsage
from genai_prices import calc_price

from abm_quant.contracts.usage import Usage


def priced(usage: Usage, *, vendor: str, model: str) -> Usage:
    """Give the usage with its price in US dollars; None where no price is known.

    A price that the vendor has named is kept.
    """
    if usage.cost_usd:
        return usage
    counts = PricedUsage(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cached_tokens,
        cache_write_tokens=usage.stored_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        price = calc_price(counts, model_ref=model, provider_id=vendor)
    except LookupError:
        return replace(usage, cost_usd=None)
    return replace(usage, cost_usd=float(price.total_price))
