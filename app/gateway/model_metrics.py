"""What language models did, for Prometheus: read where it is counted at each scrape. No user and no project is a label."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.ports.model_usage import ModelWatch

_OF = ("provider", "model")


class ModelCollector(Collector):
    """Calls by outcome (`ok` or a Problem's code), tokens by direction, cost, seconds, and whether a breaker is open."""

    def __init__(self, watch: ModelWatch) -> None:
        self._watch = watch

    def collect(self) -> Iterator[Metric]:
        """Called by the registry."""
        calls = CounterMetricFamily("datamind_model_calls", "Calls of language models by how they ended.", labels=(*_OF, "outcome"))
        tokens = CounterMetricFamily("datamind_model_tokens", "Tokens by the vendor's count.", labels=(*_OF, "direction"))
        cost = CounterMetricFamily("datamind_model_cost_dollars", "US dollars by the prices of the settings.", labels=_OF)
        seconds = CounterMetricFamily("datamind_model_seconds", "Time of all calls, with retries.", labels=_OF)
        opened = GaugeMetricFamily("datamind_model_breaker_open", "1 while a provider is left alone.", labels=_OF)
        for state in self._watch.states():
            of = (state.provider, state.model)
            for outcome, number in sorted(state.outcomes.items()):
                calls.add_metric((*of, outcome), number)
            tokens.add_metric((*of, "in"), state.tokens_in)
            tokens.add_metric((*of, "out"), state.tokens_out)
            cost.add_metric(of, state.cost)
            seconds.add_metric(of, state.seconds)
            opened.add_metric(of, float(state.breaker == "open"))
        yield from (calls, tokens, cost, seconds, opened)
