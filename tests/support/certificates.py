"""A certificate for localhost and its key, for TLS servers of tests.  Nobody trusts it; it guards nothing.

Made once with OpenSSL (P-256, a hundred years), so that tests need nothing but Python.
"""

from __future__ import annotations

import ssl
from pathlib import Path

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUVcCVEhLXGzxg6cWw/a9MYEHVTkowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA2NTMxOVoYDzIxMjYxMDMw
MDY1MzE5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS4vR2XzgFJu25WH079DTFRZySOQuoyuwdbehJ0ShpKA4IeHjnKYh0U
ZvtoL1ZZyx9zkfLPM2RsOzUWgOR9W0Qjo28wbTAdBgNVHQ4EFgQUGsUCGZbAZXx8
uMdZKRz0wDXwJQMwHwYDVR0jBBgwFoAUGsUCGZbAZXx8uMdZKRz0wDXwJQMwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgSCN0p3KaEwk04vPj6ptwNS5TtOjXQ0A/jlW+uNn+7VgCIQC4
LQB6dHTzhMF+tuc3cYlCiMGTDC/jQmSv3sG/mQauDA==
-----END CERTIFICATE-----
"""

KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJkXM5A0fpcq/bROt
FW9M6HXObnQICPS7O+XNxyIDtOihRANCAAS4vR2XzgFJu25WH079DTFRZySOQuoy
uwdbehJ0ShpKA4IeHjnKYh0UZvtoL1ZZyx9zkfLPM2RsOzUWgOR9W0Qj
-----END PRIVATE KEY-----
"""


def server_context(folder: Path) -> ssl.SSLContext:
    """Return a context for a server that shows the certificate; writes it into `folder`."""
    both = folder / "localhost.pem"
    both.write_text(CERTIFICATE + KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


def trusting_context() -> ssl.SSLContext:
    """Return a context for a client that trusts this certificate and no other."""
    return ssl.create_default_context(cadata=CERTIFICATE)
