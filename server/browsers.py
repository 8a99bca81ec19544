"""Which browser asks: Streamlit gives each a cookie that looks new with every answer, and holds the same token."""

import re
from collections.abc import Mapping

from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

_MASKED = re.compile(r'"?2\|[0-9a-f]{8}\|(?:[0-9a-f]{2}){1,64}\|\d{1,12}"?')


def browser(cookies: Mapping[str, str]) -> str:
    """The browser's token; "" for one that has none, or no such cookie as Streamlit gives."""
    cookie = cookies.get(XSRF_COOKIE_NAME, "")
    token = decode_xsrf_token_string(cookie)[0] if _MASKED.fullmatch(cookie) else None
    return token.hex() if token else ""
