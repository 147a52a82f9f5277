"""Routes below `/sandbox`: faults, settings and the log, for other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from sandbox.zstack.meddle import change_vm

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.zstack.node import Node


def control(node: Node) -> Starlette:
    """Make the application that steers a node."""
    routes = _Routes(node)
    return Starlette(
        routes=[
            Route("/sandbox/faults", routes.add_fault, methods=["POST"]),
            Route("/sandbox/faults", routes.clear_faults, methods=["DELETE"]),
            Route("/sandbox/log", routes.show_log, methods=["GET"]),
            Route("/sandbox/log", routes.clear_log, methods=["DELETE"]),
            Route("/sandbox/world", routes.show_world, methods=["GET"]),
            Route("/sandbox/settings", routes.change_settings, methods=["POST"]),
            Route("/sandbox/vms/{name}", routes.change_vm, methods=["POST"]),
            Route("/sandbox/{verb}", routes.act, methods=["POST"]),
        ]
    )


class _Routes:
    def __init__(self, node: Node) -> None:
        self._node = node

    async def add_fault(self, request: Request) -> PlainTextResponse | JSONResponse:
        try:
            self._node.faults.add(**await request.json())
        except (TypeError, ValueError) as error:
            return PlainTextResponse(str(error), 400)
        return JSONResponse({})

    async def clear_faults(self, _: Request) -> JSONResponse:
        self._node.faults.clear()
        return JSONResponse({})

    async def show_log(self, _: Request) -> JSONResponse:
        return JSONResponse(self._node.log.to_json())

    async def clear_log(self, _: Request) -> JSONResponse:
        self._node.log.clear()
        return JSONResponse({})

    async def show_world(self, _: Request) -> JSONResponse:
        world = self._node.world
        vms = [
            {
                "name": vm.name,
                "uuid": vm.uuid,
                "state": vm.state,
                "zone": world.zones[vm.zone_uuid].name,
                "owner": world.accounts[vm.owner_uuid].name,
                "isoUuids": vm.iso_uuids,
            }
            for vm in world.vms.values()
        ]
        isos = {image.name: image.uuid for image in world.images.values()}
        return JSONResponse({"vms": vms, "images": isos})

    async def change_settings(
        self, request: Request
    ) -> PlainTextResponse | JSONResponse:
        try:
            self._node.settings.change(**await request.json())
        except (TypeError, ValueError) as error:
            return PlainTextResponse(str(error), 400)
        return JSONResponse({})

    async def change_vm(self, request: Request) -> PlainTextResponse | JSONResponse:
        try:
            change_vm(
                self._node.world, request.path_params["name"], await request.json()
            )
        except (TypeError, ValueError) as error:
            return PlainTextResponse(str(error), 400)
        return JSONResponse({})

    async def act(self, request: Request) -> PlainTextResponse | JSONResponse:
        verbs = {
            "restart": self._node.restart,
            "purge": self._node.jobs.purge,
            "expire": self._node.sessions.expire_all,
            "reset": self._node.reset,
        }
        verb = verbs.get(request.path_params["verb"])
        if not verb:
            return PlainTextResponse(f"there is {', '.join(verbs)}", 404)
        verb()
        return JSONResponse({})
