"""Pure ASGI middleware: what every request passes before it reaches a route, outermost first in `app.gateway.app`."""
