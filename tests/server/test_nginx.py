"""The README's configuration, run by a real nginx with a certificate made for the test."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests
import websocket

from dashapp.settings import ROOT
from tests.conftest import DATA
from tests.server.running import GUNICORN, free_port, running
from tests.waiting import wait_until

TOKEN = "a long enough secret"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
MAIN = """
daemon off; user root; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/a; uwsgi_temp_path {directory}/b; scgi_temp_path {directory}/c;
    {configuration}
}}
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None or shutil.which("openssl") is None, reason="nginx and openssl are not installed"),
]


def from_readme(directory: Path, port: int, server_url: str) -> str:
    configuration = re.search(r"```nginx\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert configuration
    text = configuration[1]
    for written, here in {
        "127.0.0.1:8050": server_url.removeprefix("http://").removesuffix("/ml"),
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/ssl/": f"{directory}/",
        "2050m": "4m",
    }.items():
        assert written in text
        text = text.replace(written, here)
    return text


@contextmanager
def nginx(directory: Path, server_url: str) -> Iterator[str]:
    key, certificate = directory / "ml.key", directory / "ml.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2", "-nodes"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", key, "-out", certificate, *subject], check=True, capture_output=True
    )
    port = free_port()
    file = directory / "nginx.conf"
    file.write_text(MAIN.format(directory=directory, configuration=from_readme(directory, port, server_url)))
    process = subprocess.Popen(["nginx", "-p", directory, "-c", file])
    try:
        url = f"https://localhost:{port}"
        wait_until(lambda: _answers(url, certificate) or process.poll() is not None)
        assert process.poll() is None, (directory / "error.log").read_text()
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str, certificate: Path) -> bool:
    try:
        return requests.get(f"{url}/ml/health", verify=certificate, timeout=5).ok
    except requests.RequestException:
        return False


def test_the_readme_s_configuration_serves_everything(tmp_path: Path) -> None:
    with running_behind(tmp_path) as (url, caller):
        assert caller.get(f"{url}/ml/api/status", timeout=10).status_code == 401
        assert caller.get(f"{url}/ml/api/status", headers=BEARER | {"X-Forwarded-Proto": "http"}, timeout=10).ok
        uploaded = caller.post(f"{url}/ml/api/datasets?name=a.csv", data=(DATA / "iris.csv").read_bytes(), headers=BEARER, timeout=30)
        assert (uploaded.status_code, uploaded.json()["rows"]) == (201, 150)
        assert caller.post(f"{url}/ml/api/datasets?name=b.csv", data=b"a" * 5_000_000, headers=BEARER, timeout=30).status_code == 413

        login = caller.post(f"{url}/ml/login", data={"token": TOKEN}, headers={"Origin": url}, allow_redirects=False, timeout=10)
        assert (login.status_code, login.headers["Location"]) == (302, "/ml/")
        assert "Secure" in login.headers["Set-Cookie"]
        assert "Path=/ml/" in login.headers["Set-Cookie"]
        page = caller.get(f"{url}/ml/", timeout=30)
        assert "/ml/assets/" in page.text

        foreign = caller.post(f"{url}/ml/api/runs", json={}, headers=BEARER | {"Origin": "https://evil.example"}, timeout=10)
        assert foreign.status_code == 403
        assert all(caller.get(f"{url}/ml/api/status", timeout=10).ok for _ in range(50))

        trust = ssl.create_default_context(cafile=str(caller.verify))
        address = url.replace("https", "wss") + "/ml/ws?after=0"
        with closing(websocket.create_connection(address, header=BEARER, sslopt={"context": trust}, origin=url, timeout=20)) as live:
            assert '"events"' in live.recv()


@contextmanager
def running_behind(directory: Path) -> Iterator[tuple[str, requests.Session]]:
    port = str(free_port())
    with running(GUNICORN, directory, token=TOKEN, url_prefix="/ml", port=port, workers="1") as server, nginx(directory, server.url) as url:
        caller = requests.Session()
        caller.trust_env = False  # it would win over `verify`
        caller.verify = str(directory / "ml.pem")
        yield url, caller
