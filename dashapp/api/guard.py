"""Who may call: loopback names only without a token, the token for everything else; foreign pages never. Secure headers on all answers."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from flask import Flask, Response, make_response, redirect, render_template_string, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from dashapp.api.problems import problem
from dashapp.settings import Settings

COOKIE = "dashapp_login"
COOKIE_SECONDS = 30 * 24 * 3600
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OPEN_PATHS = ("/health", "/ping", "/v2/health/live", "/v2/health/ready", "/login")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

LOGIN_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in</title>
<script src="{{ prefix }}/assets/theme.js"></script>
<link rel="stylesheet" href="{{ prefix }}/assets/vendor/bootstrap.min.css"></head>
<body class="container py-5"><main class="mx-auto col-12 col-sm-8 col-md-5"><h1 class="h4 mb-3">Sign in</h1>
<form method="post"><label class="form-label" for="token">Token (the value of DASHAPP_TOKEN)</label>
<input class="form-control mb-3" id="token" name="token" type="password" autocomplete="current-password" required autofocus>
{% if wrong %}<p class="text-danger" role="alert">This is not the token.</p>{% endif %}
<button class="btn btn-primary">Sign in</button></form></main></body></html>"""


def secret_key(home: Path) -> str:
    """The key that signs cookies, the same in every process and after a restart; made at first use, readable by its owner only."""
    file = home / "secret.key"
    if not file.exists():
        with NamedTemporaryFile("w", dir=home) as new:  # made with mode 0600
            new.write(secrets.token_hex(32))
            new.flush()
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(new.name, file)
    return file.read_text()


def register_guard(server: Flask, settings: Settings, script_hashes: Callable[[], Sequence[str]]) -> None:
    """`script_hashes` gives the hashes of the inline scripts that Dash itself writes."""
    signer = URLSafeTimedSerializer(str(server.secret_key), salt=f"login {settings.token}")  # another token ends all logins

    def has_token() -> bool:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return hmac.compare_digest(given.strip().encode(), settings.token.encode())
        try:
            return bool(signer.loads(request.cookies.get(COOKIE, ""), max_age=COOKIE_SECONDS) == "in")
        except BadSignature:
            return False

    @server.before_request
    def admit() -> AnyResponse | None:
        path = request.path.removeprefix(settings.url_prefix)
        if _is_foreign_page():
            return problem(403, "This request comes from another site's page and is refused.")
        if not settings.token:
            return _refuse_remote()
        if path in OPEN_PATHS or path.startswith("/assets/") or has_token():
            return None
        if "text/html" in request.headers.get("Accept", "") and request.method == "GET":
            return redirect(f"{settings.url_prefix}/login")
        return problem(
            401, "This install asks for its token: send 'Authorization: Bearer <DASHAPP_TOKEN>'.", {"WWW-Authenticate": "Bearer"}
        )

    @server.route(f"{settings.url_prefix}/login", methods=["GET", "POST"])
    def login() -> AnyResponse:
        wrong = False
        if request.method == "POST" and settings.token:
            if hmac.compare_digest(request.form.get("token", "").encode(), settings.token.encode()):
                answer = make_response(redirect(f"{settings.url_prefix}/"))
                answer.set_cookie(
                    COOKIE, str(signer.dumps("in")), COOKIE_SECONDS, httponly=True, samesite="Strict", secure=request.is_secure,
                    path=f"{settings.url_prefix}/",
                )  # fmt: skip
                return answer
            wrong = True
        if not settings.token:
            return redirect(f"{settings.url_prefix}/")
        page = render_template_string(LOGIN_PAGE, prefix=settings.url_prefix, wrong=wrong)
        return make_response(page, 401 if wrong else 200)

    always = cache(lambda: _headers(script_hashes()))

    @server.after_request
    def secure(response: Response) -> Response:
        own = {name.lower() for name, _ in response.headers}
        for name, value in always():
            if name.lower() not in own:
                response.headers.add(name, value)
        return response


def _headers(script_hashes: Sequence[str]) -> tuple[tuple[str, str], ...]:
    scripts = " ".join(["'self'", *script_hashes])
    policy = (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    )


def _host() -> str:
    return _name_of(request.host)


@lru_cache(1024)
def _name_of(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "").lower()


def _refuse_remote() -> AnyResponse | None:
    remedy = "Set DASHAPP_TOKEN to serve other callers than this machine's own."
    if _host() not in LOOPBACK:
        return problem(403, f"Without a token only loopback names are served, not {request.host}. {remedy}")
    if any(name == "HTTP_FORWARDED" or name.startswith("HTTP_X_FORWARDED_") for name in request.environ):
        return problem(403, f"This request came through a proxy, but the install has no token. {remedy}")
    return None


def _is_foreign_page() -> bool:
    """A browser says where a request comes from; one that changes something, or opens a socket, must come from our own pages."""
    # Read from the environment, as each header that `request.headers` has not costs an exception.
    environ = request.environ
    is_socket = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
    if request.method in SAFE_METHODS and not is_socket:
        return False
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") not in ("same-origin", "none"):
        return True
    origin = environ.get("HTTP_ORIGIN")
    try:
        return origin is not None and urlsplit(origin).netloc.lower() != request.host.lower()
    except ValueError:  # no URL at all
        return True
