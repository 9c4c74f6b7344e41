"""Sign in through a provider (OpenID Connect Core 1.0, code flow with PKCE), checked to the letter.

The signature of the ID token is always checked, also when it came straight from the provider, and
its nonce must be that of the browser that began. Nothing is matched by an e-mail address.
"""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import jwt
import requests
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import constant_time_compare

from foundation.providers import Provider

ALGORITHMS = ("RS256", "ES256")
TIMEOUT = (3, 5)
# How long a sign-in may take at the provider, and how many may be under way in one browser.
LASTS, AT_ONCE = 600, 5
_STATES = "oidc_states"
_KEPT = 600


class Refused(Exception):  # noqa: N818 -- what the provider sent is refused
    """The answer of a provider is not what was asked for; the text is for the log."""


@dataclass(frozen=True)
class Identity:
    """Who a provider says somebody is: issuer and subject name a person, the rest describes."""

    provider: str
    issuer: str
    subject: str
    email: str
    name: str
    has_second_factor: bool


def providers() -> dict[str, Provider]:
    """Return the configured providers by id."""
    return {provider.id: provider for provider in settings.OIDC_PROVIDERS}


def _fetch(address: str) -> dict:
    try:
        answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except requests.RequestException as error:
        raise Refused(f"{address}: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise Refused(f"{address}: no JSON object")
    return found


def _kept(address: str, *, fresh=False) -> dict:
    name = f"oidc:{hashlib.sha256(address.encode()).hexdigest()}"
    found = None if fresh else cache.get(name)
    if found is None:
        found = _fetch(address)
        cache.set(name, found, _KEPT)
    return found


def _described(provider: Provider) -> dict:
    """Return what a provider says of itself; its issuer must be the configured one, exactly."""
    described = _kept(f"{provider.server}/.well-known/openid-configuration")
    if described.get("issuer") != provider.server:
        raise Refused("the discovery document names another issuer")
    return described


def begin(request, provider: Provider, *, callback: str, back: str) -> str:
    """Remember a new sign-in in the session and return the address that asks the provider.

    Raises Refused when the provider does not answer.
    """
    described = _described(provider)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
    now = time.time()
    known = {
        key: value
        for key, value in request.session.get(_STATES, {}).items()
        if value["at"] > now - LASTS
    }
    newest = dict(sorted(known.items(), key=lambda item: item[1]["at"])[-(AT_ONCE - 1) :])
    newest[state] = {
        "provider": provider.id,
        "nonce": nonce,
        "verifier": verifier,
        "back": back,
        "at": now,
    }
    request.session[_STATES] = newest
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback,
        "scope": "openid profile email",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{described['authorization_endpoint']}?{urlencode(asked)}"


def finish(request, provider: Provider, *, callback: str) -> tuple[Identity, str]:
    """Return who came back from a provider, and where he or she wanted to go.

    Each state is good once. Raises Refused.
    """
    states = request.session.get(_STATES, {})
    begun = states.pop(request.GET.get("state", ""), None)
    request.session[_STATES] = states
    if begun is None or begun["provider"] != provider.id or begun["at"] < time.time() - LASTS:
        raise Refused("the state is not one of this browser")
    if "error" in request.GET or not request.GET.get("code"):
        raise Refused("the provider answers with an error")
    token = _exchange(provider, request.GET["code"], begun["verifier"], callback)
    claims = _verified(provider, token)
    if not constant_time_compare(str(claims.get("nonce", "")), begun["nonce"]):
        raise Refused("the nonce is another")
    return _identity(provider, claims), begun["back"]


def _exchange(provider, code, verifier, callback) -> str:
    described = _described(provider)
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "code_verifier": verifier,
    }
    methods = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    basic = None
    if "client_secret_basic" in methods:
        basic = (provider.client_id, provider.client_secret)
    else:
        sent |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    try:
        answer = requests.post(
            described["token_endpoint"],
            data=sent,
            auth=basic,
            timeout=TIMEOUT,
            allow_redirects=False,
        )
        answer.raise_for_status()
        token = answer.json().get("id_token")
    except (requests.RequestException, AttributeError) as error:
        raise Refused(f"the token endpoint: {type(error).__name__}") from error
    if not isinstance(token, str):
        raise Refused("no ID token came")
    return token


def _verified(provider, token) -> dict:
    """Return the claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7)."""
    try:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise Refused(f"the algorithm is {str(algorithm)[:20]}")
        claims = jwt.decode(
            token,
            key=_key(provider, header.get("kid"), algorithm),
            algorithms=[algorithm],
            audience=provider.client_id,
            issuer=provider.server,
            leeway=30,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.PyJWTError as error:
        raise Refused(f"the ID token: {type(error).__name__}") from error
    many = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if many else provider.client_id) != provider.client_id:
        raise Refused("the token was made for another client")
    return claims


def _key(provider, kid, algorithm):
    """Return the provider's public key of this name; fetched anew once when it is unknown."""
    address = _described(provider)["jwks_uri"]
    kind = {"RS256": "RSA", "ES256": "EC"}[algorithm]
    for fresh in (False, True):
        for found in _kept(address, fresh=fresh).get("keys", []):
            if found.get("kid") == kid and found.get("kty") == kind:
                return jwt.PyJWK(found, algorithm=algorithm).key
    raise Refused("the key of the token is unknown")


def _identity(provider, claims) -> Identity:
    proofs = claims.get("amr", [])
    shown = {*(proofs if isinstance(proofs, list) else []), claims.get("acr")}
    return Identity(
        provider=provider.id,
        issuer=claims["iss"],
        subject=str(claims["sub"])[:255],
        email=str(claims.get("email", ""))[:254],
        name=str(claims.get("name", ""))[:100],
        has_second_factor=bool(shown & provider.second_factor),
    )
