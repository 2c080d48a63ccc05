"""A JSON answer."""

import json

from aiohttp import web

_WORTH_PACKING = 1024


def answer(document: object, status: int = 200) -> web.Response:
    """A JSON answer; longer ones are packed for clients that can unpack."""
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    response = web.Response(body=body, status=status, content_type="application/json")
    if len(body) >= _WORTH_PACKING:
        response.enable_compression()
    return response
