"""`/api/alerts` and `/api/alert-rules`"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from flask import Blueprint, request
from pydantic import ConfigDict, StrictFloat, TypeAdapter, WithJsonSchema
from pydantic.dataclasses import dataclass

from dashapp.api.body import object_of, whole_number
from dashapp.application import alerts as verbs
from dashapp.application.documents import alert_document
from dashapp.application.services import Services
from dashapp.database.times import iso
from dashapp.errors import InvalidRequest
from dashapp.monitoring.alert_outbox import Delivery
from dashapp.monitoring.alert_rules import RULES
from dashapp.monitoring.told import Mute

STATES = {"": None, "standing": True, "resolved": False}
MOST_ALERTS = 500
MUTED_FOR = {"type": "number", "exclusiveMinimum": 0, "maximum": verbs.LONGEST_MUTE_S}


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class AcknowledgeRequest:
    by: str = ""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class MuteRequest:
    seconds: Annotated[StrictFloat, WithJsonSchema(MUTED_FOR)]
    by: str = ""


ACKNOWLEDGE, MUTE = TypeAdapter(AcknowledgeRequest), TypeAdapter(MuteRequest)


def alerts_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("alerts", __name__)

    @routes.get("/alerts")
    def listed() -> dict[str, Any]:
        is_standing = _state()
        before = whole_number("before", 2**62, 0, 2**62)
        found = verbs.alerts(services, is_standing=is_standing, before=before, limit=whole_number("limit", 50, 1, MOST_ALERTS))
        return {"alerts": [alert_document(each) for each in found], "total": verbs.count_alerts(services, is_standing=is_standing)}

    @routes.get("/alerts/<alert_id>")
    def one(alert_id: str) -> dict[str, Any]:
        alert = services.alerts.get(alert_id)
        return alert_document(alert) | {"deliveries": [_delivery_document(each) for each in verbs.deliveries(services, alert)]}

    @routes.post("/alerts/<alert_id>/acknowledge")
    def acknowledge(alert_id: str) -> dict[str, Any]:
        return alert_document(verbs.acknowledge(services, alert_id, object_of(ACKNOWLEDGE).by))

    @routes.get("/alert-rules")
    def rules() -> dict[str, Any]:
        muted = {each.rule: each for each in verbs.mutes(services)}
        return {"rules": [_rule_document(name, muted.get(name)) for name in RULES], "total": len(RULES)}

    @routes.put("/alert-rules/<rule>/mute")
    def mute(rule: str) -> dict[str, Any]:
        verbs.check_rule(rule)
        sent = object_of(MUTE)
        return _rule_document(rule, verbs.mute(services, rule, sent.seconds, sent.by))

    @routes.delete("/alert-rules/<rule>/mute")
    def unmute(rule: str) -> tuple[str, int]:
        verbs.unmute(services, rule)
        return "", 204

    return routes


def _state() -> bool | None:
    name = request.args.get("state", "")
    if name not in STATES:
        raise InvalidRequest(f"There is no state {name}.", field="state", got=name, expected=list(STATES))
    return STATES[name]


def _rule_document(name: str, muted: Mute | None) -> dict[str, Any]:
    rule = RULES[name]
    return {
        "name": rule.name,
        "words": rule.words,
        "severity": rule.severity.value,
        "raises_after_s": rule.raises_after_s,
        "clears_after_s": rule.clears_after_s,
        "muted_until": None if muted is None else iso(muted.until),
        "muted_by": "" if muted is None else muted.by,
    }


def _delivery_document(delivery: Delivery) -> dict[str, Any]:
    times = {name: at if at is None else iso(at) for name, at in (("delivered_at", delivery.delivered_at), ("next_at", delivery.next_at))}
    return asdict(delivery) | times
