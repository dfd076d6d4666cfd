"""The one table from a Problem's code to an HTTP status: the exact code first, then the longest prefix, else 500."""

from __future__ import annotations

_EXACT = {
    "DM1020": 503,
    "DM1021": 503,
    "DM1022": 503,
    "DM1023": 503,
    "DM3091": 404,  # no such query
    "DM3098": 409,  # failed tests or stale sources block the answer
    "DM4001": 413,  # SQL too long
    "DM4002": 400,  # SQL with control characters
    "DM4003": 400,  # SQL that cannot be read
    "DM4004": 400,  # SQL nested too deeply
    "DM4005": 400,  # several statements
    "DM4030": 422,  # the layer was not built on that engine
    "DM4040": 500,
    "DM4090": 500,
    "DM4091": 500,
    "DM5002": 422,  # the statement wants more time than its caller has: no fault of a server
    "DM5003": 499,  # the client went away (nobody reads it; logs and metrics do)
    "DM5004": 422,  # the same of memory or size
    "DM5005": 422,  # the engine refused the statement: a division by zero, say
    "DM5009": 500,
    "DM5010": 500,
    "DM5012": 422,  # a result of states, say
    "DM6060": 404,
    "DM6062": 404,
    "DM6064": 409,
    "DM6066": 404,
    "DM6067": 403,
    "DM6068": 404,
    "DM6069": 409,
    "DM6080": 422,
    "DM6081": 403,
    "DM6082": 422,
    "DM6083": 413,
    "DM6072": 404,
    "DM6073": 409,
    "DM6074": 403,
    "DM6075": 422,
    "DM6076": 422,
    "DM6077": 409,
    "DM6078": 409,
    "DM6097": 404,
    "DM6098": 409,
    "DM7001": 401,
    "DM7002": 401,
    "DM7003": 401,
    "DM7004": 409,
    "DM7005": 404,
    "DM7006": 422,
    "DM7007": 409,
    "DM7008": 403,
    "DM7010": 403,
    "DM7011": 403,
    "DM7012": 403,
    "DM7030": 400,
    "DM7031": 422,
    "DM7032": 404,
    "DM7033": 405,
    "DM7034": 413,
    "DM7035": 415,
    "DM7036": 400,
    "DM7037": 400,
    "DM7038": 408,
    "DM7039": 503,
    "DM7040": 404,
    "DM7041": 409,
    "DM7042": 409,
    "DM7043": 422,
    "DM7044": 503,
    "DM7048": 404,
    "DM8001": 503,
    "DM8002": 422,
    "DM8003": 409,
    "DM8004": 409,
    "DM8007": 409,
    "DM8008": 409,
    "DM8009": 409,
    "DM8010": 503,
    "DM8011": 503,
    "DM8012": 503,
    "DM8021": 404,
    "DM8022": 409,
    "DM8023": 409,
    "DM8024": 422,
    "DM8025": 409,
    "DM8026": 409,
    "DM8028": 409,
    "DM8030": 404,
    "DM8031": 409,
    "DM8033": 409,
    "DM8034": 403,
    "DM8035": 401,
    "DM8036": 409,
    "DM8037": 429,
    "DM8038": 429,
    "DM8051": 503,
    "DM8060": 422,
    "DM8061": 409,
    "DM8062": 422,
    "DM8063": 422,
    "DM8064": 422,
    "DM8065": 409,
    "DM8066": 499,
    "DM8067": 504,
    "DM8069": 409,
    "DM8082": 500,
    "DM8083": 422,
    "DM8085": 503,
    "DM8086": 503,
    "DM8087": 429,
    "DM8090": 503,
    "DM8091": 503,
    "DM8092": 503,
    "DM8093": 503,
    "DM8094": 503,
    "DM8095": 503,
    "DM8096": 503,
    "DM8097": 503,
}
_PREFIX = {
    "DM2": 422,
    "DM3": 422,
    "DM4": 403,
    "DM5": 503,
    "DM6": 422,
}
_NAMES = {"DM3001", "DM3002", "DM3003", "DM3004", "DM3093", "DM3096"}
"""Unknown names: a GET asks for the thing itself and does not find it; elsewhere the name stands in a body that is otherwise understood."""


def status_of(code: str, method: str = "POST") -> int:
    """The HTTP status for a Problem of that code, raised while answering `method`."""
    if code in _NAMES and method in ("GET", "HEAD"):
        return 404
    return _EXACT.get(code) or _PREFIX.get(code[:3], 500)
